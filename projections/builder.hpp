// Builder: brings generations that are being built to the place of those that are read: filled, their
// indexes, compared, switched; then the SQL view for people, and the old table dropped. Each step may be done
// by any node, or twice, or be cut off at any moment: the database says which one comes next.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/runner.hpp"

namespace skald::views {

class Builder {
 public:
  // On the runner's thread.
  Builder(store::ViewStore& store, Runner& runner,
          std::function<void(Duration, std::function<void()>)> after);

  void open();
  // Looks now, because something has changed.
  void look();

 private:
  void build(std::vector<store::Generation> left);
  void index(const FoldedView& folded, std::function<void()> next);
  void compare(const FoldedView& folded, std::function<void()> next);
  void switch_to(const FoldedView& folded, std::function<void()> next);
  void show(std::vector<store::Generation> left);
  void drop();
  void ended();

  store::ViewStore& store_;
  Runner& runner_;
  std::function<void(Duration, std::function<void()>)> after_;
  bool busy_ = false;
  std::map<store::Generation, int> compared_;       // how often it was tried; done: kCompared
  std::map<std::string, store::Generation> shown_;  // by view
  int looks_ = 0;
};

}  // namespace skald::views
