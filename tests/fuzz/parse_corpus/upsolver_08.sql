CREATE JOB "extract data from s3" AS COPY FROM S3 samples LOCATION = 's3://b/' INTO c.s.t;
