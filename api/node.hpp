// Node: one running engine with its HTTP front end, a server on each lane's own thread. `skald serve` and
// `skald dev` are this, with different ideas of where configuration and files come from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/config.hpp"
#include "api/retention_thread.hpp"
#include "engine/base/error.hpp"
#include "engine/runtime/engine.hpp"

namespace skald::api {

class Node {
 public:
  // The database is migrated already.
  explicit Node(const Config& config);
  ~Node();  // stops
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // The engine runs, and nobody can ask it yet: definitions that belong to this node are put now, so that no
  // request meets a node that does not know them.
  Result<void> start(std::shared_ptr<const sagas::ServiceRegistry> services);
  // Requests are taken from here on; readiness follows as partitions are claimed.
  Result<void> listen();

  // No new connection is taken, answers in flight are recorded, partitions handed back; bounded by
  // Config::drain.
  void stop();

  std::uint16_t port() const { return port_; }
  std::string address() const;  // "http://127.0.0.1:8088"

  // Puts a definition, waiting for the answer. Not from a lane's thread.
  Result<runtime::DefinitionPut> put_definition(const std::string& name, const std::string& source,
                                                const std::string& file);
  // The same of a view.
  Result<runtime::ViewPut> put_view(const std::string& name, const std::string& source,
                                    const std::string& file);
  void set_services(std::shared_ptr<const sagas::ServiceRegistry> services);
  std::shared_ptr<const sagas::ServiceRegistry> services() const { return engine_.services(); }

 private:
  struct Front;  // a server and the routes it serves
  Result<void> listen_on(std::size_t lane);

  Config config_;
  runtime::Engine engine_;
  std::vector<std::unique_ptr<Front>> fronts_;  // before the engine goes, they go
  std::uint16_t port_ = 0;
  std::unique_ptr<RetentionThread> retention_;
};

}  // namespace skald::api
