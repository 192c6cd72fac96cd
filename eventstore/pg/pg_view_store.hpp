// PgViewStore: the views on PostgreSQL. Connections are opened when they are first needed: one for each batch
// that is written at the same time, one that reads the log, one for rows and the registry, one for what takes
// long.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/pg/reader.hpp"
#include "eventstore/pg/view_writer.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store {

class PgViewStore final : public ViewStore {
 public:
  // All of it lives on the thread that runs `io`.
  PgViewStore(boost::asio::io_context& io, std::string conninfo);

  void partition_count(Done<std::uint16_t> done) override;
  void list_views(std::int64_t known, Done<std::optional<ViewRegistry>> done) override;
  void put_view(NewView view, Done<Put> done) override;
  void stop_view(Generation generation, ViewStop stop, Done<bool> done) override;
  void skip_event(Generation generation, Position place, std::string by, std::string reason,
                  Done<bool> done) override;
  void make_indexes(Generation generation, ViewTable table, Done<bool> done) override;
  void compare(Generation generation, ViewTable table, Done<bool> done) override;
  void switch_to(Generation generation, Done<bool> done) override;
  void show(ViewTable table, Done<bool> done) override;
  void drop_retired(Duration ago, Done<std::int32_t> done) override;
  void checkpoints(std::vector<Partition> partitions, Done<std::vector<Checkpoint>> done) override;
  void progress(Generation generation, Done<ViewProgress> done) override;
  void heads(std::vector<Partition> partitions, Done<std::vector<std::int64_t>> done) override;
  void apply(ViewBatch batch, std::function<void(ViewApplied)> done) override;
  void read(ViewRead read, Done<ViewPage> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      Done<std::vector<StoredEvent>> done) override;
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 Done<std::vector<StoredEvent>> done) override;

 private:
  boost::asio::io_context& io_;
  std::string conninfo_;
  ViewStatements statements_;
  std::vector<std::unique_ptr<ViewWriter>> writers_;
  Reader log_, rows_, slow_;
};

}  // namespace skald::store
