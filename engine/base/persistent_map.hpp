// PersistentMap: an ordered map that is copied in constant time. Copies share what has not changed since; a
// change costs as many small allocations as the tree is deep. So a state of ten thousand steps is kept,
// compared and rolled back as cheaply as one of three.
//
// A treap (Seidel and Aragon, 1996) with path copying: the priority of a key is its hash, so equal contents
// make equal trees whatever the order in which they came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace skald {

template <class Key, class Value>
class PersistentMap {
  struct Node;
  using Link = std::shared_ptr<const Node>;

 public:
  using Entry = std::pair<const Key, Value>;

  // In the order of keys. Stays valid while any copy of the map it came from lives.
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = const Entry&;

    reference operator*() const { return *way_.back()->entry; }
    pointer operator->() const { return way_.back()->entry.get(); }
    Iterator& operator++() {
      const Node* right = way_.back()->right.get();
      way_.pop_back();
      descend(right);
      return *this;
    }
    bool operator==(const Iterator& other) const {
      if (way_.empty() || other.way_.empty()) return way_.empty() == other.way_.empty();
      return way_.back() == other.way_.back();
    }

   private:
    friend class PersistentMap;
    void descend(const Node* node) {
      for (; node; node = node->left.get()) way_.push_back(node);
    }
    std::vector<const Node*> way_;  // the nodes that come next, the nearest last
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  template <class Wanted>
  const Value* find(const Wanted& key) const {
    for (const Node* node = root_.get(); node;) {
      if (key < node->entry->first)
        node = node->left.get();
      else if (node->entry->first < key)
        node = node->right.get();
      else
        return &node->entry->second;
    }
    return nullptr;
  }
  template <class Wanted>
  bool contains(const Wanted& key) const {
    return find(key) != nullptr;
  }

  // Adds the key, or replaces its value.
  void set(Key key, Value value) {
    const std::size_t priority = priority_of(key);
    auto entry = std::make_shared<const Entry>(std::move(key), std::move(value));
    root_ = with(root_, entry, priority);
  }
  // Hands a copy of the value (a new one where there is none) to `change` and keeps what becomes of it.
  template <class Change>
  void update(const Key& key, Change change) {
    const Value* known = find(key);
    Value value = known ? *known : Value{};
    change(value);
    set(key, std::move(value));
  }
  void erase(const Key& key) {
    if (!contains(key)) return;
    root_ = without(root_, key);
    --size_;
  }
  void clear() { *this = {}; }

  Iterator begin() const {
    Iterator first;
    first.descend(root_.get());
    return first;
  }
  Iterator end() const { return {}; }
  // The first entry that is not before the key.
  template <class Wanted>
  Iterator lower_bound(const Wanted& key) const {
    Iterator found;
    for (const Node* node = root_.get(); node;) {
      if (node->entry->first < key) {
        node = node->right.get();
      } else {
        found.way_.push_back(node);
        node = node->left.get();
      }
    }
    return found;
  }

  friend bool operator==(const PersistentMap& a, const PersistentMap& b) {
    if (a.root_ == b.root_) return true;
    if (a.size_ != b.size_) return false;
    for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y)
      if (x->first != y->first || !(x->second == y->second)) return false;
    return true;
  }

 private:
  struct Node {
    std::shared_ptr<const Entry> entry;
    std::size_t priority;
    Link left, right;
  };

  // The hash of the standard library leaves numbers as they are, which would make a list of the tree.
  static std::size_t priority_of(const Key& key) {
    std::uint64_t mixed = std::hash<Key>{}(key) + 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>(mixed ^ (mixed >> 31));
  }
  static Link node(std::shared_ptr<const Entry> entry, std::size_t priority, Link left, Link right) {
    return std::make_shared<const Node>(Node{std::move(entry), priority, std::move(left), std::move(right)});
  }

  Link with(const Link& tree, const std::shared_ptr<const Entry>& entry, std::size_t priority) {
    if (!tree) {
      ++size_;
      return node(entry, priority, nullptr, nullptr);
    }
    if (entry->first < tree->entry->first) {
      Link left = with(tree->left, entry, priority);
      if (left->priority > tree->priority)
        return node(left->entry, left->priority, left->left,
                    node(tree->entry, tree->priority, left->right, tree->right));
      return node(tree->entry, tree->priority, std::move(left), tree->right);
    }
    if (tree->entry->first < entry->first) {
      Link right = with(tree->right, entry, priority);
      if (right->priority > tree->priority)
        return node(right->entry, right->priority, node(tree->entry, tree->priority, tree->left, right->left),
                    right->right);
      return node(tree->entry, tree->priority, tree->left, std::move(right));
    }
    return node(entry, tree->priority, tree->left, tree->right);
  }
  static Link without(const Link& tree, const Key& key) {
    if (key < tree->entry->first)
      return node(tree->entry, tree->priority, without(tree->left, key), tree->right);
    if (tree->entry->first < key)
      return node(tree->entry, tree->priority, tree->left, without(tree->right, key));
    return joined(tree->left, tree->right);
  }
  // Every key of `left` is before every key of `right`.
  static Link joined(const Link& left, const Link& right) {
    if (!left) return right;
    if (!right) return left;
    if (left->priority > right->priority)
      return node(left->entry, left->priority, left->left, joined(left->right, right));
    return node(right->entry, right->priority, joined(left, right->left), right->right);
  }

  Link root_;
  std::size_t size_ = 0;
};

// A set is a map to nothing.
struct Nothing {
  bool operator==(const Nothing&) const = default;
};
template <class Key>
using PersistentSet = PersistentMap<Key, Nothing>;

}  // namespace skald
