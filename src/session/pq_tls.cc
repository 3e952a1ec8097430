// The only source that speaks OpenSSL: libpq tells protocol and cipher, but not whose certificate it was shown.
#include "session/pq_tls.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <chrono>
#include <ctime>
#include <memory>

namespace berth::session {
namespace {

// Found below libpq, so that it is the same OpenSSL.
// NOLINTBEGIN(readability-identifier-naming): OpenSSL's names
#define BERTH_OPENSSL(name) constinit const LazyFunction<decltype(&::name)> name{#name};
BERTH_OPENSSL(ASN1_TIME_to_tm)
BERTH_OPENSSL(BIO_ctrl)
BERTH_OPENSSL(BIO_free_all)
BERTH_OPENSSL(BIO_new)
BERTH_OPENSSL(BIO_s_mem)
BERTH_OPENSSL(SSL_get1_peer_certificate)
BERTH_OPENSSL(X509_NAME_print_ex)
BERTH_OPENSSL(X509_cmp_time)
BERTH_OPENSSL(X509_free)
BERTH_OPENSSL(X509_get0_notAfter)
BERTH_OPENSSL(X509_get0_notBefore)
BERTH_OPENSSL(X509_get_issuer_name)
BERTH_OPENSSL(X509_get_subject_name)
#undef BERTH_OPENSSL
// NOLINTEND(readability-identifier-naming)

struct OpenSslDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Certificate = std::unique_ptr<X509, OpenSslDeleter>;
using Text = std::unique_ptr<BIO, OpenSslDeleter>;

std::string Take(const Text& text) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

// "CN = redshift.amazonaws.com"; control characters are escaped, UTF-8 stays.
std::string NameText(const X509_NAME* name) {
  const Text text(BIO_new(BIO_s_mem()));
  if (text == nullptr || name == nullptr) return {};
  X509_NAME_print_ex(text.get(), name, 0, (XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB));
  return Take(text);
}

// "2027-03-01 12:00:00 UTC"
std::string TimeText(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts));
}

}  // namespace

TlsFacts TlsFactsOf(PGconn* conn, const Clock& clock) {
  TlsFacts facts;
  if (PQsslInUse(conn) == 0) return facts;
  const auto attribute = [conn](const char* name) {
    const char* value = PQsslAttribute(conn, name);
    return std::string(value != nullptr ? value : "");
  };
  facts.protocol = attribute("protocol");
  facts.cipher = attribute("cipher");
  auto* const ssl = static_cast<SSL*>(PQsslStruct(conn, "OpenSSL"));
  if (ssl == nullptr) return facts;
  const Certificate shown(SSL_get1_peer_certificate(ssl));
  if (shown == nullptr) return facts;
  facts.subject = NameText(X509_get_subject_name(shown.get()));
  facts.issuer = NameText(X509_get_issuer_name(shown.get()));
  facts.expires = TimeText(X509_get0_notAfter(shown.get()));
  std::time_t now = std::chrono::system_clock::to_time_t(clock.WallNow());
  facts.expired = X509_cmp_time(X509_get0_notAfter(shown.get()), &now) < 0;
  facts.not_yet_valid = X509_cmp_time(X509_get0_notBefore(shown.get()), &now) > 0;
  return facts;
}

}  // namespace berth::session
