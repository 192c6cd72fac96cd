#include "engine/runtime/http_client.hpp"

#include "engine/runtime/http_pool.hpp"

namespace skald::runtime {

HttpClient::HttpClient(boost::asio::io_context& io, BaseUrl service, HttpClientLimits limits)
    : pool_(std::make_unique<HttpPool>(io, std::move(service), limits)) {}

HttpClient::~HttpClient() = default;

void HttpClient::send(HttpRequest request, Duration timeout, HttpCallback on_outcome) {
  pool_->send(std::move(request), timeout, std::move(on_outcome));
}

void HttpClient::shut_down() {
  pool_->shut_down();
}

std::size_t HttpClient::in_flight() const {
  return pool_->running();
}
std::size_t HttpClient::queued() const {
  return pool_->waiting();
}
std::size_t HttpClient::connections() const {
  return pool_->connections();
}

}  // namespace skald::runtime
