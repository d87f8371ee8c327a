-- The catalogue: what is counted, by whom, in which codes. Loaded from versioned files, never edited by hand;
-- an entry that leaves the files is retired, not deleted, because old data still refer to it.

create table catalogue_load (
    id bigint generated always as identity primary key,
    version text not null check (version ~ '^[0-9]{4}\.[0-9]{1,2}\.[0-9]+$'),
    content_sha256 bytea not null check (length(content_sha256) = 32),
    loaded_at timestamptz not null default clock_timestamp(),
    added bigint not null check (added >= 0),
    changed bigint not null check (changed >= 0),
    retired bigint not null check (retired >= 0)
);
comment on table catalogue_load is 'Each run of the catalogue loader and what it changed.';
comment on column catalogue_load.id is 'Order of the runs.';
comment on column catalogue_load.version is 'Version of the catalogue files.';
comment on column catalogue_load.content_sha256 is 'SHA-256 over the files and the shipped definitions: the same content need not be loaded again.';
comment on column catalogue_load.loaded_at is 'When the run ended.';
comment on column catalogue_load.added is 'Entries that were new.';
comment on column catalogue_load.changed is 'Entries whose content changed.';
comment on column catalogue_load.retired is 'Entries that the files no longer hold.';

create table body (
    code text primary key check (code ~ '^[A-Z][A-Z0-9_]{1,31}$'),
    kind text not null,
    territory text,
    name_uk text not null,
    name_en text not null,
    note text,
    valid_from date,
    valid_to date,
    retired_in text,
    check (valid_to is null or valid_from is null or valid_to >= valid_from)
);
comment on table body is 'Organisations that supply or use data.';
comment on column body.code is 'Stable code.';
comment on column body.kind is 'Kind of organisation.';
comment on column body.territory is 'KATOTTH code of the territory a territorial office answers for.';
comment on column body.name_uk is 'Ukrainian name.';
comment on column body.name_en is 'English name.';
comment on column body.note is 'Remark for readers of the catalogue.';
comment on column body.valid_from is 'First day on which it may submit.';
comment on column body.valid_to is 'Last day on which it may submit.';
comment on column body.retired_in is 'Catalogue version that no longer holds it.';

create table dataflow (
    code text primary key check (code ~ '^[A-Z][A-Z0-9_]{1,63}$'),
    owner_body text not null references body (code) on delete restrict,
    name_uk text not null,
    name_en text not null,
    description_uk text not null,
    description_en text not null,
    retired_in text
);
create index dataflow_owner_body on dataflow (owner_body);
comment on table dataflow is 'Indicators that share a source and are delivered together.';
comment on column dataflow.code is 'Stable code.';
comment on column dataflow.owner_body is 'The body whose indicators it holds.';
comment on column dataflow.name_uk is 'Ukrainian name.';
comment on column dataflow.name_en is 'English name.';
comment on column dataflow.description_uk is 'What it holds, in Ukrainian.';
comment on column dataflow.description_en is 'What it holds, in English.';
comment on column dataflow.retired_in is 'Catalogue version that no longer holds it.';

create table indicator (
    code text primary key check (code ~ '^[A-Z][A-Z0-9_]{1,63}$'),
    dataflow text not null references dataflow (code) on delete restrict,
    source_body text not null references body (code) on delete restrict,
    frequency text not null check (frequency in ('A', 'S', 'Q', 'M', 'W', 'D')),
    unit text not null,
    measure text not null check (measure in ('flow', 'stock', 'rate', 'balance', 'measure')),
    decimals smallint not null check (decimals between 0 and 9),
    dimensions text[] not null,
    direction text not null check (direction in ('up_is_risk', 'down_is_risk', 'neutral')),
    ciram text not null check (ciram in ('threat', 'vulnerability', 'impact')),
    name_uk text not null,
    name_en text not null,
    definition_uk text not null,
    definition_en text not null,
    counterpart text not null,
    valid_from date,
    valid_to date,
    retired_in text
);
create index indicator_dataflow on indicator (dataflow);
create index indicator_source_body on indicator (source_body);
comment on table indicator is 'What is counted: definition, source, unit, dimensions and direction of risk.';
comment on column indicator.code is 'Stable code.';
comment on column indicator.dataflow is 'The dataflow it is delivered in.';
comment on column indicator.source_body is 'The body that answers for it.';
comment on column indicator.frequency is 'Its ordinary frequency, SDMX CL_FREQ.';
comment on column indicator.unit is 'Counting unit.';
comment on column indicator.measure is 'Flow over a period, stock at its end, rate, other measure, or balance that may be negative.';
comment on column indicator.decimals is 'Decimals that are kept; 0 for counts.';
comment on column indicator.dimensions is 'Dimensions it may be broken down by.';
comment on column indicator.direction is 'Which way risk lies.';
comment on column indicator.ciram is 'Component of the Common Integrated Risk Analysis Model.';
comment on column indicator.name_uk is 'Ukrainian name.';
comment on column indicator.name_en is 'English name.';
comment on column indicator.definition_uk is 'Definition in Ukrainian.';
comment on column indicator.definition_en is 'Definition in English.';
comment on column indicator.counterpart is 'European or international counterpart.';
comment on column indicator.valid_from is 'First day in the catalogue.';
comment on column indicator.valid_to is 'Last day in the catalogue.';
comment on column indicator.retired_in is 'Catalogue version that no longer holds it.';

create table agreement (
    body text not null references body (code) on delete restrict,
    indicator text not null references indicator (code) on delete restrict,
    frequencies text[] not null check (cardinality(frequencies) > 0),
    state text not null check (state in ('proposed', 'agreed', 'suspended')),
    valid_from date,
    valid_to date,
    note text,
    retired_in text,
    primary key (body, indicator)
);
create index agreement_indicator on agreement (indicator);
comment on table agreement is 'Which body supplies which indicator, at which frequencies.';
comment on column agreement.body is 'Who supplies.';
comment on column agreement.indicator is 'What.';
comment on column agreement.frequencies is 'SDMX frequency letters; _O for cumulative ranges.';
comment on column agreement.state is 'Proposed, agreed or suspended; only agreed ones are accepted.';
comment on column agreement.valid_from is 'First day.';
comment on column agreement.valid_to is 'Last day.';
comment on column agreement.note is 'Remark.';
comment on column agreement.retired_in is 'Catalogue version that no longer holds it.';

create table code_list (
    code text primary key check (code ~ '^[a-z][a-z0-9_]{1,63}$'),
    name_uk text not null,
    name_en text not null,
    source text not null,
    open boolean not null,
    retired_in text
);
comment on table code_list is 'Lists of codes that dimensions take their codes from.';
comment on column code_list.code is 'Stable name.';
comment on column code_list.name_uk is 'Ukrainian name.';
comment on column code_list.name_en is 'English name.';
comment on column code_list.source is 'Where the codes come from.';
comment on column code_list.open is 'Open lists also take any legal SDMX id.';
comment on column code_list.retired_in is 'Catalogue version that no longer holds it.';

create table dimension (
    code text primary key check (code ~ '^[a-z][a-z0-9_]{1,63}$'),
    list text not null references code_list (code) on delete restrict,
    name_uk text not null,
    name_en text not null,
    retired_in text
);
create index dimension_list on dimension (list);
comment on table dimension is 'Dimensions of series and the code list of each.';
comment on column dimension.code is 'Name, as in rows and queries.';
comment on column dimension.list is 'Its code list.';
comment on column dimension.name_uk is 'Ukrainian name.';
comment on column dimension.name_en is 'English name.';
comment on column dimension.retired_in is 'Catalogue version that no longer holds it.';

create table code (
    list text not null references code_list (code) on delete restrict,
    code text not null check (code ~ '^[A-Za-z0-9_@$-]{1,64}$'),
    parent text,
    level smallint not null check (level between 0 and 9),
    name_uk text not null,
    name_en text not null,
    aliases text[] not null,
    other_codes jsonb not null,
    valid_from date,
    valid_to date,
    retired_in text,
    primary key (list, code),
    foreign key (list, parent) references code (list, code) on delete restrict deferrable initially deferred
);
create index code_parent on code (list, parent);
comment on table code is 'Codes of every list; territories and countries among them.';
comment on column code.list is 'The list.';
comment on column code.code is 'The code, a legal SDMX id.';
comment on column code.parent is 'The code above it.';
comment on column code.level is 'Depth; territories: 0 country, 1 region, 2 raion, 3 hromada, 4 city district.';
comment on column code.name_uk is 'Ukrainian name.';
comment on column code.name_en is 'English name.';
comment on column code.aliases is 'Other names under which senders know it.';
comment on column code.other_codes is 'Codes in other schemes by scheme, such as koatuu, iso_3166_2, alpha3.';
comment on column code.valid_from is 'First day.';
comment on column code.valid_to is 'Last day.';
comment on column code.retired_in is 'Catalogue version that no longer holds it.';

create table mapping_profile (
    code text not null check (code ~ '^[A-Z][A-Z0-9_]{1,63}$'),
    version integer not null check (version > 0),
    body text not null references body (code) on delete restrict,
    dataflow text not null references dataflow (code) on delete restrict,
    content jsonb not null,
    retired_in text,
    primary key (code, version)
);
create index mapping_profile_body on mapping_profile (body);
create index mapping_profile_dataflow on mapping_profile (dataflow);
comment on table mapping_profile is 'How a body''s file becomes rows of the shared schema: data, not code.';
comment on column mapping_profile.code is 'Stable code.';
comment on column mapping_profile.version is 'Version; a used version is never changed.';
comment on column mapping_profile.body is 'Whose file.';
comment on column mapping_profile.dataflow is 'Which dataflow it fills.';
comment on column mapping_profile.content is 'The description.';
comment on column mapping_profile.retired_in is 'Catalogue version that no longer holds it.';
