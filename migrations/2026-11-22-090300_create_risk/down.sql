drop table metric_dirty, metric_value, metric_definition;
