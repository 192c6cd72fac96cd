// Definitions: put by users, kept by the log with their content, known to every lane as one catalog.
#include <future>

#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "engine/runtime/inside.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::runtime {
namespace {

constexpr Duration kDefinitionsEvery = std::chrono::milliseconds(900);

}  // namespace

void Engine::Inside::add_definition(const store::DefinitionRow& row) {
  // Rows were checked when they were put; warnings of then are no news.
  auto loaded = sagas::load_definition(row.source, row.name, nullptr);
  if (!loaded.definition) {
    log::error("the definition {} version {} in the database cannot be read by this version", row.name,
               row.version);
    return;
  }
  loaded.definition->version = row.version;
  const std::lock_guard lock(catalog_writing);
  const auto known = catalog.load();
  auto next = std::make_shared<sagas::Catalog>(*known);
  next->add(std::move(*loaded.definition), row.source, row.created_at);
  catalog.store(std::move(next));
}

Result<void> Engine::Inside::load_definitions() {
  std::promise<Result<std::vector<store::DefinitionRow>>> answer;
  boost::asio::post(at(0).io(), [&] {
    at(0).log().list_definitions(0, [&](auto rows) { answer.set_value(std::move(rows)); });
  });
  const auto rows = answer.get_future().get();
  if (!rows) return rows.error();
  FAILPOINT("definitions-read");
  for (const store::DefinitionRow& row : *rows) add_definition(row);
  definition_rows = rows->size();
  return {};
}

void Engine::Inside::refresh_definitions(std::size_t lane, std::function<void()> done) {
  const auto listed = [this, done = std::move(done)](Result<std::vector<store::DefinitionRow>> rows) {
    if (rows && !rows->empty()) {
      for (const store::DefinitionRow& row : *rows)
        if (!catalog.load()->version(row.name, row.version)) add_definition(row);
      definition_rows = rows->size();
    }
    done();
  };
  at(lane).log().list_definitions(definition_rows, listed);
}

// What another node has put is known here within a second or so.
void Engine::Inside::keep_definitions_fresh() {
  boost::asio::post(at(0).io(),
                    [this] { at(0).every(kDefinitionsEvery, [this] { refresh_definitions(0, [] {}); }); });
}

void Engine::put_definition(std::size_t lane, std::string name, std::string source, std::string file,
                            Done<DefinitionPut> done) {
  auto loaded = sagas::load_definition(source, file, services().get());
  if (loaded.definition && loaded.definition->name != name) {
    loaded.faults.push_back({file, 1, 1,
                             "declares the saga '" + loaded.definition->name + "', not '" + name + "'",
                             "put it under its own name", false});
    loaded.definition.reset();
  }
  if (!loaded.definition) return done(DefinitionPut{std::nullopt, false, std::move(loaded.faults)});
  const auto newest = catalog()->newest(name);
  const bool created = !newest || newest->definition->hash != loaded.definition->hash;
  FAILPOINT("definition-put");
  store::DefinitionRow row{name, 0, loaded.definition->hash, loaded.canonical.dump(), std::move(source), {}};
  inside_->at(lane).log().put_definition(std::move(row), [this, created, faults = std::move(loaded.faults),
                                                          done](Result<store::DefinitionRow> kept) {
    if (!kept) return done(kept.error());
    FAILPOINT("definition-kept");
    if (created) inside_->add_definition(*kept);
    done(DefinitionPut{catalog()->newest(kept->name), created, faults});
  });
}

}  // namespace skald::runtime
