USE c
