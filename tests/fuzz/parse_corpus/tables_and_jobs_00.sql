CREATE TABLE IF NOT EXISTS "C".s."T t" (
    a int, -- the key; counted
    b text
) -- end
;
