-- When a session on loan is told of in the log, in milliseconds. NULL: the program's default; 0: never.

ALTER TABLE connections ADD COLUMN leak_warning_after_ms INTEGER CHECK (leak_warning_after_ms >= 0);
