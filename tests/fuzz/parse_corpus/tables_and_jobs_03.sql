CREATE TABLE c.s.t (a int, b varchar(10) DEFAULT ';') DISTSTYLE ALL SORTKEY (a);
