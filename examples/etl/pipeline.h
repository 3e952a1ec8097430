#pragma once

#include <berth/berth.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

struct Settings {
  std::string connection;
  std::size_t workers = 4;
  std::vector<std::string> files;
};

// Makes the tables and records the job, where they are not there yet. Throws berth::cpp::Error, as all do here.
void Register(const berth::cpp::Engine& engine, const std::string& connection);

// Drops the job and the tables, so that the connection can be dropped.
void Remove(const berth::cpp::Engine& engine, const std::string& connection);

// Loads all files into the staging table, a few at a time, and tells about each on standard error. Returns the rows;
// the first failure ends it and is thrown.
std::int64_t LoadAll(const berth::cpp::Engine& engine, const Settings& settings);

// Sums the staging table up, in one transaction, and prints the sums.
void Aggregate(const berth::cpp::Engine& engine, const std::string& connection);
