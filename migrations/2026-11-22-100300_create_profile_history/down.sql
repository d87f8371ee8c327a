-- A version that is not in force would be used by the program before: it is marked as the catalogue marks it.
update mapping_profile p set retired_in = 'draft'
where retired_in is null and 'approved' is distinct from
    (select to_state from mapping_profile_event e where e.code = p.code and e.version = p.version
     order by number desc limit 1);
do $$
begin
    revoke insert on mapping_profile from leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on mapping_profile were not taken back: the role is not there';
end $$;
drop table mapping_profile_event;
alter table mapping_profile drop column author_client, drop column created_at;
