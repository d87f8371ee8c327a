drop table risk_assessment;
drop table alert_due;
drop table alert_event;
drop table alert;
