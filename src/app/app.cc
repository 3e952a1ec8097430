// The program's layer; main.cc is its door.
