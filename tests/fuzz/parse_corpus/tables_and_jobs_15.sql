CREATE JOB j AS $$ ends in a dollar $x$ $$
