#include "api/sandbox/hosted_service.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

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

HostedService::HostedService(boost::asio::io_context& io, sandbox::Service service)
    : io_(io),
      service_(std::move(service)),
      server_(io, {}, [this](Request request, const Responder& respond) {
        take(asked_of(std::move(request)), respond);
      }) {}

Result<std::uint16_t> HostedService::listen(const std::string& address, std::uint16_t port) {
  return server_.listen(address, port);
}

void HostedService::stop() {
  is_stopped_ = true;
  server_.close();
}

void HostedService::take(const sandbox::Request& request, const Responder& respond) {
  const auto fault = service_.strike(request);
  if (!fault || !fault->latency) return respond(answer(request, fault));
  if (fault->after_effect) {
    after(*fault->latency, [respond, response = answer(request, fault)] { respond(response); });
  } else {
    after(*fault->latency, [this, respond, request, fault] { respond(answer(request, fault)); });
  }
}

Response HostedService::answer(const sandbox::Request& request, const std::optional<sandbox::Fault>& fault) {
  return response_of(service_.answer(request, fault, system_now()));
}

void HostedService::after(Duration latency, std::function<void()> then) {
  // Shared with its own handler, because it must live until that has run.
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, latency);
  timer->async_wait(
      [self = shared_from_this(), timer, then = std::move(then)](const boost::system::error_code&) {
        if (!self->is_stopped_) then();
      });
}

}  // namespace skald::api
