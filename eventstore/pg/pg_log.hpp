// PgLog: the log on PostgreSQL, one lane's handle. Three connections: one appends (Appender), one reads
// (Reader), one beats and takes over (Control). The database was migrated before (migrate.hpp).
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "eventstore/lane.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/appender.hpp"
#include "eventstore/pg/control.hpp"
#include "eventstore/pg/reader.hpp"

namespace skald::store {

class PgLog final : public Log {
 public:
  // `conninfo` as libpq takes it, keywords or URL. All of it lives on the thread that runs `io`.
  PgLog(boost::asio::io_context& io, std::string conninfo, LaneName name);

  std::uint16_t partition_count() const override { return appender_.partition_count(); }
  void open(Done<std::vector<Partition>> done) override;
  void beat(Done<Ownership> done) override { control_.beat(std::move(done)); }
  void close(std::function<void()> done) override;
  void append(Append append, std::function<void(AppendResult)> done) override;
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 Done<std::vector<StoredEvent>> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      Done<std::vector<StoredEvent>> done) override;
  void find_saga(SagaId saga, Done<std::optional<SagaRow>> done) override;
  void list_sagas(SagaFilter filter, Done<std::vector<SagaRow>> done) override;
  void find_start_key(std::string definition, std::string key,
                      Done<std::optional<StartKeyTaken>> done) override;
  void list_running(std::vector<Partition> partitions, std::optional<SagaId> after, std::size_t limit,
                    Done<std::vector<SagaId>> done) override;
  void list_due(Timestamp now, std::size_t limit, Done<std::vector<SagaId>> done) override;
  void put_definition(DefinitionRow definition, Done<DefinitionRow> done) override;
  void list_definitions(std::size_t known, Done<std::vector<DefinitionRow>> done) override;
  Timestamp now() const override { return clock_.now(); }
  bool healthy() const override;

 private:
  void read_newest_definition(DefinitionRow wanted, int tries_left, Done<DefinitionRow> done);
  std::vector<Partition> partitions_to_list(const SagaFilter& filter) const;

  DatabaseClock clock_;
  Holdings holdings_;
  Appender appender_;
  Control control_;
  Reader reader_;
};

}  // namespace skald::store
