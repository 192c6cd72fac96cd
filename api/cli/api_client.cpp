#include "api/cli/api_client.hpp"

#include <boost/asio/io_context.hpp>

#include "api/cli/output.hpp"
#include "engine/runtime/http_client.hpp"

namespace skald::api {

using runtime::HttpAnswer;
using runtime::HttpFailure;
using runtime::HttpOutcome;

namespace {

constexpr const char* kDefaultServer = "http://127.0.0.1:8088";
// Beyond what the server itself was asked to wait.
constexpr Duration kPatience = std::chrono::seconds(60);
// A page of a thousand events with large bodies; a bound only against a server that is none of ours.
constexpr std::size_t kMostAnswerBytes = 256u << 20;

runtime::HttpClientLimits limits() {
  runtime::HttpClientLimits limits;
  limits.connections = 1;
  limits.answer_bytes = kMostAnswerBytes;
  return limits;
}

Result<ApiReply> reply_of(HttpAnswer answer, const std::string& server) {
  ApiReply reply{answer.status, std::move(answer.headers), {}};
  if (answer.body.empty()) return reply;
  const auto parsed = parse_json(answer.body, {.max_bytes = kMostAnswerBytes});
  // Something other than Skald answers there: a proxy's error page, another program.
  if (!parsed)
    return unavailable(server + " answered " + std::to_string(answer.status) +
                       " with something that is no JSON");
  reply.body = *parsed;
  return reply;
}

}  // namespace

struct ApiClient::Inside {
  Inside(std::string url, runtime::BaseUrl base)
      : server(std::move(url)), http(io, std::move(base), limits()) {}

  Result<ApiReply> send(runtime::HttpRequest request, Duration server_waits) {
    std::optional<HttpOutcome> outcome;
    http.send(std::move(request), kPatience + server_waits,
              [&](HttpOutcome got) { outcome = std::move(got); });
    // The client keeps its idle connection watched, so run() would not come back by itself.
    io.restart();
    while (!outcome && io.run_one() > 0) {
    }
    if (!outcome) return unexpected("no outcome from " + server);
    if (auto* answer = std::get_if<HttpAnswer>(&*outcome)) return reply_of(std::move(*answer), server);
    return unavailable("cannot reach " + server + ": " + std::get<HttpFailure>(*outcome).detail +
                       "; is it running (skald dev), and is --server or SKALD_SERVER right?");
  }

  std::string server;
  boost::asio::io_context io;
  runtime::HttpClient http;
};

Result<ApiClient> ApiClient::of(const std::string& server) {
  auto base = runtime::BaseUrl::parse(server);
  if (!base) return invalid("--server " + server + ": " + base.error().message);
  return ApiClient(std::make_unique<Inside>(server, std::move(*base)));
}

ApiClient::ApiClient(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;
ApiClient::~ApiClient() = default;

Result<ApiReply> ApiClient::get(const std::string& target, const Headers& headers, Duration server_waits) {
  return inside_->send({"GET", target, headers, ""}, server_waits);
}

Result<ApiReply> ApiClient::post(const std::string& target, const Json& body, const Headers& headers,
                                 Duration server_waits) {
  runtime::HttpRequest request{"POST", target, headers, body.dump()};
  request.headers.emplace_back("Content-Type", "application/json");
  return inside_->send(std::move(request), server_waits);
}

const std::string& ApiClient::server() const {
  return inside_->server;
}

void add_server_option(CLI::App& command, std::string& server) {
  server = kDefaultServer;
  command.add_option("--server", server, "address of the server")
      ->envname("SKALD_SERVER")
      ->option_text("URL");
}

ExitCode complain_about(const ApiReply& reply) {
  const auto text = [&](const char* member) {
    const Json value = reply.body.get(member);
    return value.is_string() ? value.as_string() : std::string();
  };
  complain(std::to_string(reply.status) + " " + text("title") +
           (text("detail").empty() ? "" : ": " + text("detail")));
  const Json errors = reply.body.get("errors");
  if (errors.is_array())
    for (const auto& error : errors.as_array()) {
      const Json pointer = error.get("pointer"), detail = error.get("detail");
      if (pointer.is_string() && detail.is_string())
        complain("  " + (pointer.as_string().empty() ? "input" : pointer.as_string()) + ": " +
                 detail.as_string());
    }
  if (!text("saga").empty())
    complain("  saga " + text("saga") + (text("undo").empty() ? "" : ", undo: " + text("undo")));
  switch (reply.status) {
    case 401:
    case 403: return ExitCode::NotAllowed;
    case 404: return ExitCode::NotFound;
    case 409: return ExitCode::Conflict;
    case 429:
    case 502:
    case 503:
    case 504: return ExitCode::Unreachable;
    default: return reply.status < 500 ? ExitCode::Invalid : ExitCode::Unexpected;
  }
}

}  // namespace skald::api
