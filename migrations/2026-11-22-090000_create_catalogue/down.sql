drop table mapping_profile, code, dimension, code_list, agreement, indicator, dataflow, body, catalogue_load;
