#include "support/data_client.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>

#include "base/crypto.h"
#include "berth/deadline.h"

namespace berth::test {
namespace {

constexpr std::string_view kScope = "us-west-2/redshift-data/aws4_request";
constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr int kWaitSeconds = 60;  // for an answer

std::string TimeText(Clock::Wall time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss day(std::chrono::floor<std::chrono::seconds>(time - days));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), day.hours().count(),
                     day.minutes().count(), day.seconds().count());
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += kHexDigits[static_cast<unsigned char>(c) >> 4U];
    text += kHexDigits[static_cast<unsigned char>(c) & 0x0FU];
  }
  return text;
}

}  // namespace

DataClient::DataClient(std::uint16_t port, DataKey key)
    : port_(port), host_(fmt::format("127.0.0.1:{}", port)), key_(std::move(key)) {}

bool DataClient::Connect() {
  if (fd_) return true;
  fd_ = base::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  const timeval wait{.tv_sec = kWaitSeconds, .tv_usec = 0};
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  fd_.Close();
  return false;
}

bool DataClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void DataClient::AppendSignature(std::string& head, std::string_view operation, std::string_view body) {
  const auto time = TimeText(Clock::System().WallNow());
  const auto date = time.substr(0, 8);
  if (date_ != date) {
    auto key = base::HmacSha256(base::Prefixed("AWS4", Secret(key_.secret)), date);
    for (const std::string_view part : {"us-west-2", "redshift-data", "aws4_request"})
      key = base::HmacSha256(key, part);
    signing_key_ = std::move(key);
    date_ = date;
  }
  constexpr std::string_view kSigned = "content-type;host;x-amz-date;x-amz-target";
  const auto canonical = fmt::format(
      "POST\n/\n\ncontent-type:application/"
      "x-amz-json-1.1\nhost:{}\nx-amz-date:{}\nx-amz-target:RedshiftData.{}\n\n{}\n{}",
      host_, time, operation, kSigned, base::Sha256Hex(body));
  const auto text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}/{}\n{}", time, date, kScope, base::Sha256Hex(canonical));
  head += fmt::format(
      "X-Amz-Date: {}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={}/{}/{}, SignedHeaders={}, Signature={}\r\n", time,
      key_.id, date, kScope, kSigned, Hex(base::HmacSha256(signing_key_, text).Reveal()));
}

std::optional<DataClient::Answer> DataClient::Call(std::string_view operation, std::string_view body) {
  head_ = fmt::format(
      "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: RedshiftData.{}\r\n"
      "Content-Length: {}\r\n",
      host_, operation, body.size());
  if (!key_.id.empty()) AppendSignature(head_, operation, body);
  head_ += "\r\n";
  return Exchange(head_, body);
}

std::optional<DataClient::Answer> DataClient::Get(std::string_view target) {
  head_ = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", target, host_);
  return Exchange(head_, {});
}

std::optional<DataClient::Answer> DataClient::Exchange(std::string_view head, std::string_view body) {
  if (!Connect()) return std::nullopt;
  std::string request(head);
  request += body;
  std::size_t whole = 0;
  std::size_t have = 0;
  Answer answer;
  if (!Send(request)) {
    fd_.Close();
    return std::nullopt;
  }
  while (true) {
    if (buffer_.size() < have + kReadBytes) buffer_.resize(have + kReadBytes);
    const auto got = ::recv(fd_.get(), buffer_.data() + have, buffer_.size() - have, 0);
    if (got <= 0) {
      fd_.Close();
      return std::nullopt;
    }
    have += static_cast<std::size_t>(got);
    const std::string_view text(buffer_.data(), have);
    if (whole == 0) {
      const auto end = text.find("\r\n\r\n");
      const auto at = text.find("Content-Length: ");
      if (end == std::string_view::npos) continue;
      std::size_t length = 0;
      if (at < end) std::from_chars(text.data() + at + 16, text.data() + end, length);
      whole = end + 4 + length;
      std::from_chars(text.data() + 9, text.data() + 12, answer.status);
      answer.body = {nullptr, length};
      buffer_.resize(std::max(buffer_.size(), whole));
    }
    if (have < whole) continue;
    const std::string_view all(buffer_.data(), whole);
    const auto end = all.find("\r\n\r\n");
    if (all.substr(0, end).find("Connection: close") != std::string_view::npos) fd_.Close();
    answer.body = all.substr(end + 4);
    return answer;
  }
}

std::string_view DataClient::Need(std::string_view operation, std::string_view body) {
  const auto answer = Call(operation, body);
  if (!answer) throw std::runtime_error(fmt::format("{}: the connection was lost", operation));
  if (answer->status != 200) throw std::runtime_error(fmt::format("{}: {}", operation, answer->body));
  return answer->body;
}

std::string_view MemberIn(std::string_view json, std::string_view name) {
  const auto key = fmt::format("\"{}\":", name);
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  auto value = json.substr(at + key.size());
  if (!value.starts_with('"')) return value.substr(0, value.find_first_of(",}]"));
  value.remove_prefix(1);
  return value.substr(0, value.find('"'));
}

}  // namespace berth::test
