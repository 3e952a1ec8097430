#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "session/interrupt.h"
#include "session/session.h"

namespace berth::session {

struct TlsFacts {
  std::string protocol, cipher;          // empty: no TLS
  std::string subject, issuer, expires;  // of the certificate that the server showed
  bool expired = false;
  bool not_yet_valid = false;
};

enum class ProbeStep : std::uint8_t { kResolve, kTcp, kTls };
inline constexpr std::size_t kProbeSteps = 3;

struct ProbeReport {
  struct Step {
    bool tried = false;
    std::chrono::microseconds took{0};
    std::string detail;  // addresses; peer; what TLS agreed on and whose certificate it was
  };
  Step& At(ProbeStep step) { return steps[static_cast<std::size_t>(step)]; }
  const Step& At(ProbeStep step) const { return steps[static_cast<std::size_t>(step)]; }

  std::array<Step, kProbeSteps> steps;
  TlsFacts tls;
  std::optional<Error> error;  // of the last step that was tried
};

// The way to the server up to where a login would begin: resolves the host, connects to its addresses in turn, agrees
// on TLS as the login would, and hangs up. No user, no password and no database is sent, so the server counts no
// session. Where a certificate is refused it is looked at once more, without trust, to say whose it is.
// `stop` (may be null) ends it from another thread: kCancelled.
ProbeReport Probe(const ConnectParams& params, const Clock& clock, Deadline deadline, Interrupt* stop);

}  // namespace berth::session
