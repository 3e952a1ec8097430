-- The oldest version of the catalog whose programs may read this one (catalog/README.md, Migrations). A migration that
-- only adds leaves it alone; one that does more sets its own number.
PRAGMA user_version = 3;
