#pragma once

#include <cstddef>

namespace berth::pool {

// A list through the prev and next members of its elements: no allocation, removal from the middle. An element is in
// one list at most; the list owns nothing.
template <class T>
class IntrusiveList {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  T* front() const noexcept { return front_; }  // null: empty
  T* back() const noexcept { return back_; }    // null: empty

  void PushBack(T* item) noexcept {
    item->prev = back_;
    item->next = nullptr;
    (back_ != nullptr ? back_->next : front_) = item;
    back_ = item;
    ++size_;
  }
  void PushFront(T* item) noexcept {
    item->prev = nullptr;
    item->next = front_;
    (front_ != nullptr ? front_->prev : back_) = item;
    front_ = item;
    ++size_;
  }
  // `before` null: to the front.
  void InsertAfter(T* before, T* item) noexcept {
    if (before == nullptr) return PushFront(item);
    if (before == back_) return PushBack(item);
    item->prev = before;
    item->next = before->next;
    before->next->prev = item;
    before->next = item;
    ++size_;
  }
  void Remove(T* item) noexcept {
    (item->prev != nullptr ? item->prev->next : front_) = item->next;
    (item->next != nullptr ? item->next->prev : back_) = item->prev;
    item->prev = item->next = nullptr;
    --size_;
  }

 private:
  T* front_ = nullptr;
  T* back_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace berth::pool
