-- Forecasts of series with the test of each on its own past, and which series are to be forecast anew. A forecast is
-- never overwritten: what was said on a day is the newest row recorded by then.

create table forecast (
    id bigint generated always as identity,
    series_id bigint not null references series (id) on delete restrict,
    last_period date,
    horizon integer not null check (horizon between 1 and 53),
    verdict text not null check (verdict in ('beats_naive', 'no_better_than_last_value', 'not_tested', 'no_forecast')),
    reason text,
    points jsonb not null,
    members text[] not null,
    interval_method text check (interval_method in ('model', 'conformal', 'conformal_80')),
    backtest jsonb,
    vintages text not null check (vintages in ('as_known_then', 'mixed', 'final_figures')),
    n_observations integer not null check (n_observations >= 0),
    n_filled integer not null check (n_filled >= 0),
    input_digest bytea not null check (length(input_digest) = 32),
    data_as_of timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (series_id, id),
    check ((verdict = 'no_forecast') = (reason is not null)),
    check ((interval_method is null) = (reason is not null))
);
comment on table forecast is 'Forecasts of series, each with its back-test; append-only.';
comment on column forecast.id is 'Order of recording.';
comment on column forecast.series_id is 'Which series.';
comment on column forecast.last_period is 'First day of the last period with a figure; empty when there is none.';
comment on column forecast.horizon is 'How many periods ahead.';
comment on column forecast.verdict is 'Whether it beat the last value and the value of a season ago on its own past.';
comment on column forecast.reason is 'Why there is no forecast.';
comment on column forecast.points is 'Each period ahead: first day, point, bounds of the 80 and the 95 % interval.';
comment on column forecast.members is 'The methods whose median it is.';
comment on column forecast.interval_method is 'Where the intervals come from: the methods, or errors of the back-test.';
comment on column forecast.backtest is 'Origins and measures of the back-test, beside those of the naive forecasts; empty when not tested.';
comment on column forecast.vintages is 'Whether the back-test used the figures that were known at each origin, or later ones.';
comment on column forecast.n_observations is 'Figures it was made from.';
comment on column forecast.n_filled is 'Missing figures inside that were filled by the median of their season.';
comment on column forecast.input_digest is 'SHA-256 of the observation versions, as series/day/position.';
comment on column forecast.data_as_of is 'The vintage of the data.';
comment on column forecast.recorded_at is 'When it was recorded; asOf compares with it.';
create trigger forecast_append_only before update or delete or truncate on forecast
    for each statement execute function refuse_change();

create table forecast_dirty (
    series_id bigint primary key references series (id) on delete restrict,
    position bigint not null
);
comment on table forecast_dirty is 'Series that an accepted submission changed and that are to be forecast anew.';
comment on column forecast_dirty.series_id is 'Which series.';
comment on column forecast_dirty.position is 'The newest submission that changed it; a forecast of an older vintage leaves the mark.';

do $$
begin
    grant select on forecast, forecast_dirty to leleka_app, leleka_reader;
    grant insert on forecast to leleka_app;
    grant insert, update, delete on forecast_dirty to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on forecast and forecast_dirty were not granted: the roles are not there';
end $$;
