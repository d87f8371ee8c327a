-- Recomputation in bounded pieces, counted, and against what was expected at the time. A mark of what an act touched
-- is resolved into marks of the metric's own cells, which shrink piece by piece. What agreements expect is kept with
-- the moment from which it was known, so that a value can be computed again from its vintage.

alter table metric_dirty
    add column unit text,
    add column recent boolean not null default false,
    add column cells integer not null default 0 check (cells >= 0),
    add column observations bigint not null default 0 check (observations >= 0),
    add column positions bigint[] not null default '{}';
create index metric_dirty_unit on metric_dirty (code, recent, unit) where unit is not null;
create index metric_dirty_key on metric_dirty (code, key) where unit is not null;
comment on column metric_dirty.key is 'Which key of it; * is every key, only where the mark is not resolved yet.';
comment on column metric_dirty.input is 'Which input of its definition changed; empty when the mark is resolved.';
comment on column metric_dirty.period_from is 'First changed period of the input; of a resolved mark the first period of the metric to be computed.';
comment on column metric_dirty.period_to is 'Last one.';
comment on column metric_dirty.position is 'The submission that changed it; 0 for a new definition, -1 for an agreement; the greatest one of a resolved mark.';
comment on column metric_dirty.unit is 'Which cells are loaded and computed together, as group of keys and range of periods; empty when the mark is not resolved yet.';
comment on column metric_dirty.recent is 'Whether it lies in the newest periods of the metric, which are computed first.';
comment on column metric_dirty.cells is 'How many cells it marks.';
comment on column metric_dirty.observations is 'At most so many observations are read for its unit.';
comment on column metric_dirty.positions is 'Every act that led to a resolved mark, as position says them.';

create table metric_run (
    id bigint generated always as identity primary key,
    code text not null,
    version integer not null,
    positions bigint[] not null,
    keys integer not null check (keys >= 0),
    computed integer not null check (computed >= 0),
    recorded integer not null check (recorded >= 0),
    observations bigint not null check (observations >= 0),
    data_as_of timestamptz not null,
    started_at timestamptz not null,
    duration_ms bigint not null check (duration_ms >= 0),
    recorded_at timestamptz not null default clock_timestamp(),
    check (recorded <= computed),
    foreign key (code, version) references metric_definition (code, version) on delete restrict
);
create index metric_run_code on metric_run (code, id);
create index metric_run_version on metric_run (code, version);
comment on table metric_run is 'Each piece of recomputation: why, how much, how long; written with the values it recorded.';
comment on column metric_run.id is 'Order.';
comment on column metric_run.code is 'Which metric.';
comment on column metric_run.version is 'By which version of its definition.';
comment on column metric_run.positions is 'The submissions that led to it by their positions; 0 a new definition, -1 an agreement.';
comment on column metric_run.keys is 'Keys of which cells were computed.';
comment on column metric_run.computed is 'Cells that were computed.';
comment on column metric_run.recorded is 'Values that differed from what was said before, and were recorded.';
comment on column metric_run.observations is 'Observations that were read.';
comment on column metric_run.data_as_of is 'The vintage they were read from.';
comment on column metric_run.started_at is 'When it began.';
comment on column metric_run.duration_ms is 'How long it took, in milliseconds.';
comment on column metric_run.recorded_at is 'When it was written.';
create trigger metric_run_append_only before update or delete or truncate on metric_run
    for each statement execute function refuse_change();

create table agreement_term (
    id bigint generated always as identity primary key,
    body text not null,
    indicator text not null,
    territory text not null,
    frequencies text[] not null,
    valid_from date,
    valid_to date,
    in_force boolean not null,
    recorded_at timestamptz not null,
    foreign key (body, indicator) references agreement (body, indicator) on delete restrict
);
create index agreement_term_agreement on agreement_term (body, indicator, id);
create index agreement_term_indicator on agreement_term (indicator, id);
create index agreement_term_recorded_at on agreement_term (recorded_at);
comment on table agreement_term is 'What was expected of bodies with a territory of their own, each version with the moment from which it was known.';
comment on column agreement_term.id is 'Order; the greatest one of an agreement counts.';
comment on column agreement_term.body is 'Who supplies.';
comment on column agreement_term.indicator is 'What.';
comment on column agreement_term.territory is 'The territory of the body.';
comment on column agreement_term.frequencies is 'SDMX frequency letters.';
comment on column agreement_term.valid_from is 'First day: of the agreement or of the body, whichever is later.';
comment on column agreement_term.valid_to is 'Last day: of the agreement or of the body, whichever is earlier.';
comment on column agreement_term.in_force is 'Whether it is in force; when not, nothing is expected any more.';
comment on column agreement_term.recorded_at is 'When it became known; a vintage holds what was known by then.';
create trigger agreement_term_append_only before update or delete or truncate on agreement_term
    for each statement execute function refuse_change();

insert into agreement_term (body, indicator, territory, frequencies, valid_from, valid_to, in_force, recorded_at)
select a.body, a.indicator, b.territory, a.frequencies, greatest(a.valid_from, b.valid_from),
    least(a.valid_to, b.valid_to), true, clock_timestamp()
from agreement a join body b on b.code = a.body
where a.state = 'agreed' and a.retired_in is null and b.territory is not null;

-- Values that were computed before are computed once more, against what is expected.
insert into metric_dirty (code, key, input, period_from, period_to, position)
select d.code, '*', i.name, '1900-01-01', '2199-12-31', 0
from metric_definition d cross join lateral jsonb_object_keys(d.content -> 'inputs') i(name)
where 'published' = (select to_state from metric_definition_event e
    where e.code = d.code and e.version = d.version order by e.number desc limit 1)
  and exists (select from metric_value v where v.code = d.code);

do $$
begin
    grant select on metric_run, agreement_term to leleka_app, leleka_reader;
    grant insert on metric_run, agreement_term to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on recomputations were not granted: the roles are not there';
end $$;
