#pragma once

#include <stdlib.h>

#include <string>

#include <doctest/doctest.h>

namespace berth::test {

// Makes cert.pem and key.pem in `folder`: of that name, and of 127.0.0.1; signed by itself.
inline void MakeCertificate(const std::string& folder, const std::string& name) {
  const auto command = "cd '" + folder +
                       "' && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem" +
                       " -days 30 -subj /CN=" + name + " -addext subjectAltName=IP:127.0.0.1 2>/dev/null";
  REQUIRE(::system(command.c_str()) == 0);
}

}  // namespace berth::test
