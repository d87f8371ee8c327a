drop table forecast_dirty;
drop table forecast;
