#include <utility>

#include "pool/pool.h"
#include "pool/pooled_session.h"

namespace berth::pool {

Lease::Lease(std::shared_ptr<Pool> pool, PooledSession* session) : pool_(std::move(pool)), session_(session) {}

Lease::Lease(Lease&& other) noexcept
    : pool_(std::move(other.pool_)), session_(std::exchange(other.session_, nullptr)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    if (session_ != nullptr) pool_->Return(session_, /*discard=*/false);
    pool_ = std::move(other.pool_);
    session_ = std::exchange(other.session_, nullptr);
  }
  return *this;
}

Lease::~Lease() {
  if (session_ != nullptr) pool_->Return(session_, /*discard=*/false);
}

session::Session& Lease::operator*() const {
  return *session_->session;
}

void Lease::SetLabel(std::string_view label) {
  if (session_ != nullptr) pool_->Relabel(session_, label);
}

void Lease::Discard() {
  if (session_ == nullptr) return;
  pool_->Return(std::exchange(session_, nullptr), /*discard=*/true);
  pool_.reset();
}

}  // namespace berth::pool
