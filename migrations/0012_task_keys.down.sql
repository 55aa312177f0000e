DROP TABLE task_keys;
