// skald log tail: the last events of the whole log, and those that come.
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/database_option.hpp"
#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/cli/saga_table.hpp"
#include "api/http/saga_json.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {
namespace {

// The log has no way to call (a NOTIFY would cost every append), so it is asked.
constexpr auto kAskEvery = std::chrono::milliseconds(250);
constexpr std::size_t kAtOnce = 1'000;

struct TailOptions {
  std::string database_url, saga, name, type;
  std::size_t last = 20;
  bool follow = false;
  Format format = Format::Table;
};

Json line_json(const store::Archive::Named& named) {
  Json::Object line;
  line.append("saga", to_text(named.event.saga));
  line.append("name", named.definition);
  line.append("event", event_json(named.event));
  return line;
}

void print(const std::vector<store::Archive::Named>& events, Format format) {
  for (const auto& named : events) {
    if (format == Format::Jsonl)
      std::cout << line_json(named).dump() << "\n";
    else
      std::cout << to_text(named.event.saga) << "  " << named.definition << "  "
                << story_line(event_json(named.event));
  }
  std::cout << std::flush;
}

void print_all(const std::vector<store::Archive::Named>& events, Format format) {
  if (format == Format::Table || format == Format::Jsonl) return print(events, format);
  Json::Array items;
  for (const auto& named : events) items.push_back(line_json(named));
  print_document(Json::object({{"items", Json(std::move(items))}}), format);
}

// Each partition in its order; between partitions, what was found at once by time.
ExitCode follow(store::Archive& archive, std::vector<std::int64_t> seen, const store::EventFilter& filter,
                Format format) {
  for (;;) {
    // What lies before these was there when the question below was asked.
    const auto heads = archive.heads();
    if (!heads) return complain(heads.error());
    const auto fresh = archive.behind(seen, filter, kAtOnce);
    if (!fresh) return complain(fresh.error());
    print(*fresh, format);
    if (!std::cout) return ExitCode::Done;  // whoever read this has gone
    std::vector<std::size_t> found(seen.size(), 0);
    for (const auto& named : *fresh) {
      const auto [partition, number] = named.event.position;
      seen[partition.number] = std::max(seen[partition.number], number);
      ++found[partition.number];
    }
    bool more = false;
    for (std::size_t partition = 0; partition < seen.size(); ++partition) {
      more = more || found[partition] == kAtOnce;
      if (found[partition] < kAtOnce) seen[partition] = std::max(seen[partition], (*heads)[partition]);
    }
    if (!more) std::this_thread::sleep_for(kAskEvery);
  }
}

ExitCode tail(const TailOptions& options) {
  store::EventFilter filter;
  if (!options.saga.empty()) {
    const auto id = parse_saga_id(options.saga);
    if (!id) return complain(not_found("there is no saga " + options.saga));
    filter.saga = *id;
  }
  if (!options.name.empty()) filter.definition = options.name;
  if (!options.type.empty()) filter.type = options.type;
  if (options.follow && (options.format == Format::Json || options.format == Format::Yaml)) {
    complain("what goes on is no single document; with --follow the output is table or jsonl");
    return ExitCode::Usage;
  }
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  auto archive = store::Archive::open(*url);
  if (!archive) return complain(archive.error());
  const auto heads = archive->heads();
  if (!heads) return complain(heads.error());
  const auto last = archive->last(*heads, filter, options.last);
  if (!last) return complain(last.error());
  print_all(*last, options.format);
  return options.follow ? follow(*archive, *heads, filter, options.format) : ExitCode::Done;
}

}  // namespace

void add_log_tail(CLI::App& log, Chosen& chosen) {
  auto options = std::make_shared<TailOptions>();
  CLI::App* command = log.add_subcommand("tail", "The last events of all sagas");
  add_database_option(*command, options->database_url);
  command->add_option("-n,--last", options->last, "so many (20)")->option_text("N");
  command->add_flag("-f,--follow", options->follow, "and those that come");
  command->add_option("--saga", options->saga, "of this saga")->option_text("ID");
  command->add_option("--name", options->name, "of sagas of this name")->option_text("NAME");
  command->add_option("--type", options->type, "of this type, such as SagaEnded")->option_text("TYPE");
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return tail(*options); }; });
}

}  // namespace skald::api
