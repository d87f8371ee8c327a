drop table validation;
