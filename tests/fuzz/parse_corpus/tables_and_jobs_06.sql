CREATE TABLE c . s /* x */ . t(a int)
