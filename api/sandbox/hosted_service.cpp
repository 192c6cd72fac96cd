#include "api/sandbox/hosted_service.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "sagas/sandbox/own_routes.hpp"

namespace skald::api {
namespace {

sandbox::Request asked_of(Request request) {
  return {std::move(request.method), std::move(request.path),    std::move(request.segments),
          std::move(request.query),  std::move(request.headers), std::move(request.body)};
}

Response response_of(std::optional<sandbox::Reply> reply) {
  Response response;
  if (!reply) {
    response.status = kCloseWithoutAnswer;
    return response;
  }
  response.status = reply->status;
  response.headers = std::move(reply->headers);
  response.content_type = std::move(reply->content_type);
  response.body = std::move(reply->body);
  return response;
}

}  // namespace

HostedService::HostedService(sandbox::Service service)
    : service_(std::move(service)), server_(io_, {}, [this](Request request, Responder respond) {
        take(asked_of(std::move(request)), std::move(respond));
      }) {}

HostedService::~HostedService() {
  stop();
}

Result<std::uint16_t> HostedService::listen(const std::string& address, std::uint16_t port) {
  const auto bound = server_.listen(address, port);
  if (bound) thread_ = std::thread([this] { io_.run(); });
  return bound;
}

void HostedService::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] {
    server_.close();
    io_.stop();
  });
  thread_.join();
}

void HostedService::take(sandbox::Request request, Responder respond) {
  const auto fault = service_.strike(request);
  sandbox::Asked asked{std::move(request), fault};
  if (sandbox::is_own_route(asked.request)) {
    respond(response_of(service_.answer(asked, system_now())));
  } else if (!fault || !fault->latency) {
    wait_for_commit(std::move(asked), std::move(respond));
  } else if (fault->after_effect) {
    wait_for_commit(std::move(asked), [this, latency = *fault->latency, respond](Response response) {
      after(latency, [respond, response = std::move(response)] { respond(response); });
    });
  } else {
    after(*fault->latency, [this, asked = std::move(asked), respond] { wait_for_commit(asked, respond); });
  }
}

// The first that waits asks for the commit, which comes when all that has arrived by now is read.
void HostedService::wait_for_commit(sandbox::Asked asked, Responder respond) {
  if (waiting_.empty()) boost::asio::post(io_, [this] { answer_waiting(); });
  waiting_.push_back({std::move(asked), std::move(respond)});
}

void HostedService::answer_waiting() {
  std::vector<sandbox::Asked> all;
  std::vector<Responder> responders;
  for (auto& [asked, respond] : std::exchange(waiting_, {})) {
    all.push_back(std::move(asked));
    responders.push_back(std::move(respond));
  }
  auto replies = service_.answer_all(all, system_now());
  for (std::size_t i = 0; i < replies.size(); ++i) responders[i](response_of(std::move(replies[i])));
}

void HostedService::after(Duration latency, std::function<void()> then) {
  // Shared with its own handler, because it must live until that has run.
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, latency);
  timer->async_wait([timer, then = std::move(then)](const boost::system::error_code&) { then(); });
}

}  // namespace skald::api
