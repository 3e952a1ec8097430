drop connection if exists C cascade;
