// skald view at: a view as it was. It reads the database itself and changes nothing, as skald replay does.
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/database_option.hpp"
#include "api/cli/output.hpp"
#include "api/cli/saga_table.hpp"
#include "api/cli/view_commands.hpp"
#include "api/http/view_json.hpp"
#include "api/replay/view_as_of.hpp"

namespace skald::api {
namespace {

// A table for people; whoever wants all of more rows takes JSON lines, which are not gathered first.
constexpr std::size_t kMostRowsOfTable = 10'000;

struct ViewAtOptions {
  std::string database_url, name, until;
  Format format = Format::Table;
};

Result<ViewMoment> moment_of(const std::string& text) {
  if (const auto position = parse_position(text)) return ViewMoment(*position);
  if (const auto time = parse_rfc3339(text)) return ViewMoment(*time);
  return invalid("--until: " + text +
                 " is neither a time (2026-11-21T07:00:00Z) nor the position of an event (3-17)");
}

class Rows {
 public:
  explicit Rows(Format format) : format_(format) {}

  void add(const store::ViewTable& table, const std::vector<store::Cell>& cells) {
    ++count_;
    if (format_ == Format::Jsonl) {
      std::cout << view_row_json(table, cells).dump() << "\n";
    } else if (format_ != Format::Table) {
      items_.push_back(view_row_json(table, cells));
    } else if (count_ <= kMostRowsOfTable) {
      auto& row = rows_.emplace_back();
      for (const auto& cell : cells) row.push_back(cell.value_or(""));
    }
  }
  void print(const store::ViewTable& table) {
    if (format_ == Format::Jsonl) {
      std::cout << std::flush;
    } else if (format_ != Format::Table) {
      print_document(Json::object({{"view", table.view}, {"items", Json(std::move(items_))}}), format_);
    } else {
      Table shown;
      for (const auto& column : table.columns) shown.headings.push_back(column.name);
      shown.rows = std::move(rows_);
      print_table(shown);
      if (count_ > kMostRowsOfTable) std::cerr << "and " << count_ - kMostRowsOfTable << " more: -o jsonl\n";
    }
  }
  std::size_t count() const { return count_; }

 private:
  Format format_;
  std::size_t count_ = 0;
  std::vector<std::vector<std::string>> rows_;
  Json::Array items_;
};

ExitCode view_at(const ViewAtOptions& options) {
  const auto moment = moment_of(options.until);
  if (!moment) {
    complain(moment.error().message);
    return ExitCode::Usage;
  }
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  Rows rows(options.format);
  const auto shown = view_as_of(*url, options.name, *moment,
                                [&](const store::ViewTable& table, const auto& cells) -> Result<void> {
                                  rows.add(table, cells);
                                  return {};
                                });
  if (!shown) return complain(shown.error());
  rows.print(*shown->table);
  std::cerr << rows.count() << (rows.count() == 1 ? " row" : " rows") << " of " << shown->events
            << " events\n";
  return ExitCode::Done;
}

}  // namespace

void add_view_at(CLI::App& views, Chosen& chosen) {
  auto options = std::make_shared<ViewAtOptions>();
  CLI::App* command =
      views.add_subcommand("at", "A view as it was, folded from the log; nothing that is kept is touched");
  add_database_option(*command, options->database_url);
  add_format_option(*command, options->format);
  command->add_option("name", options->name, "of the view")->required()->option_text("NAME");
  command
      ->add_option("--until", options->until, "at that time, or when the event at that position had happened")
      ->required()
      ->option_text("TIME|POSITION");
  command->callback([options, &chosen] { chosen = [options] { return view_at(*options); }; });
}

}  // namespace skald::api
