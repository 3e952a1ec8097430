-- The rows of the script $4 have the checksum $1, the script $2 and the description $3 from now on.
UPDATE {history} SET checksum = $1, script = $2, description = $3 WHERE script = $4
