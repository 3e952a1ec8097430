-- The user, quoted, and a hash, which holds no quote and no backslash: nothing here can be a parameter.
ALTER USER {user} PASSWORD '{hash}'
