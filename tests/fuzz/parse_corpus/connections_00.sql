/* a /* nested */ comment */ CREATE/**/REDSHIFT--
CONNECTION c A=1B=2
