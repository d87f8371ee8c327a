-- Every value carries its uncertainty: where it may lie by chance, how much of it is provisional, and how far a
-- composite hangs on its weights. Rows recorded before say nothing of it; provisional_share is empty there.

alter table metric_value
    add column baseline_lower double precision,
    add column interval_low double precision,
    add column interval_high double precision,
    add column interval_level double precision,
    add column interval_method text,
    add column provisional_share double precision,
    add column sensitivity jsonb,
    add constraint metric_value_interval_whole
        check (num_nulls(interval_low, interval_high, interval_level, interval_method) in (0, 4));
comment on column metric_value.baseline_lower is 'Lower bound of what was expected.';
comment on column metric_value.interval_low is 'Lower bound of where the value may lie by chance alone; empty where no method fits.';
comment on column metric_value.interval_high is 'Upper bound of it.';
comment on column metric_value.interval_level is 'Nominal coverage of the interval.';
comment on column metric_value.interval_method is 'Method of the interval: poisson, wilson, poisson_rate or draws.';
comment on column metric_value.provisional_share is 'Share of the observations used that are provisional; empty in rows recorded before it was kept.';
comment on column metric_value.sensitivity is 'Composites: score without each component, and what drawn weights and scales give (p05, p95, same_level, fragile).';
