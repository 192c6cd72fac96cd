// Views: put by users and by this version of Skald, kept by the database, folded and read on threads of their
// own.
#include <algorithm>

#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "engine/runtime/inside.hpp"
#include "projections/builtin.hpp"
#include "projections/view_loader.hpp"

namespace skald::runtime {
namespace {

using StatusDone = Done<std::vector<ViewStatus>>;

// The progress of one generation after the other.
void add_progress(ViewThread& views, std::shared_ptr<std::vector<ViewStatus>> all, std::size_t next,
                  StatusDone done) {
  const auto generation_of = [all](std::size_t i) -> std::optional<GenerationStatus>& {
    return i % 2 == 0 ? (*all)[i / 2].active : (*all)[i / 2].building;
  };
  while (next < all->size() * 2 && !generation_of(next)) ++next;
  if (next == all->size() * 2) return done(std::move(*all));
  const auto number = generation_of(next)->row.number;
  views.store().progress(number,
                         [&views, all, next, done, generation_of](Result<store::ViewProgress> progress) {
                           // It may have been replaced this moment.
                           if (!progress && progress.error().kind != ErrorKind::NotFound)
                             return done(progress.error());
                           if (progress) generation_of(next)->progress = *progress;
                           add_progress(views, all, next + 1, done);
                         });
}

// Of all views, or of the one of that name; as the database has them now.
void read_status(ViewThread& views, std::optional<std::string> name, StatusDone done) {
  views.runner().refresh([&views, name, done] {
    const auto& generations = views.runner().generations();
    auto all = std::make_shared<std::vector<ViewStatus>>();
    for (const std::string& one : generations.names()) {
      if (name && one != *name) continue;
      ViewStatus& status = all->emplace_back();
      status.name = one;
      const auto* active = generations.active(one);
      const auto* building = generations.building(one);
      if (active) status.active = GenerationStatus{active->row, {}};
      if (building) status.building = GenerationStatus{building->row, {}};
      status.view = active ? active->view : building->view;
    }
    add_progress(views, all, 0, done);
  });
}

void read_one(ViewThread& views, const std::string& name, Done<ViewStatus> done) {
  read_status(views, name, [name, done](Result<std::vector<ViewStatus>> found) {
    if (!found) return done(found.error());
    if (found->empty()) return done(not_found("there is no view named " + name));
    done(std::move(found->front()));
  });
}

store::NewView new_view(const views::View& view, bool again) {
  return {view.table, view.hash, view.source, again, view.keeps_rows};
}

}  // namespace

void Engine::Inside::start_views() {
  const unsigned count = std::max(1u, config.view_threads);
  for (unsigned i = 0; i < count; ++i)
    views.push_back(std::make_unique<ViewThread>(ViewThread::Shared{
        .database_url = config.database_url,
        .catalog = [this] { return catalog.load(); },
        .metrics = metrics,
        .builds = i == 0,
    }));
}

void Engine::Inside::look_at_views() {
  for (auto& one : views) one->look();
}

// In the background: a database that is away must not keep a node from starting.
void Engine::Inside::put_builtin_views() {
  for (const views::View& view : views::builtin_views())
    boost::asio::post(views[0]->io(), [this, &view] {
      views[0]->store().put_view(new_view(view, false), [this, &view](Result<store::ViewStore::Put> put) {
        if (!put) log::error("the built-in view {} cannot be put: {}", view.name(), put.error().message);
        if (put && put->made) look_at_views();
      });
    });
}

void Engine::put_view(std::size_t lane, std::string name, std::string source, std::string file,
                      Done<ViewPut> done) {
  auto loaded = views::load_view(source, file, catalog().get());
  if (loaded.view && loaded.view->name() != name) {
    loaded.faults.push_back({file, 1, 1,
                             "declares the view '" + loaded.view->name() + "', not '" + name + "'",
                             "put it under its own name", false});
    loaded.view.reset();
  }
  if (!loaded.view) return done(ViewPut{name, std::nullopt, false, std::move(loaded.faults)});
  FAILPOINT("view-put");
  auto wanted = new_view(*loaded.view, false);
  inside_->on_views<ViewPut>(*inside_->views[0], lane, std::move(done),
                             [this, name, faults = std::move(loaded.faults), wanted = std::move(wanted)](
                                 ViewThread& views, Done<ViewPut> done) {
                               views.store().put_view(
                                   wanted, [this, name, faults, done](Result<store::ViewStore::Put> put) {
                                     if (!put) return done(put.error());
                                     FAILPOINT("view-kept");
                                     inside_->look_at_views();
                                     done(ViewPut{name, put->generation, put->made, faults});
                                   });
                             });
}

void Engine::rebuild_view(std::size_t lane, std::string name, Done<ViewStatus> done) {
  const auto rebuild = [this, name](ViewThread& views, Done<ViewStatus> done) {
    views.runner().refresh([this, &views, name, done] {
      const auto* active = views.runner().generations().active(name);
      if (!active || !active->view) return read_one(views, name, done);  // it is being built, or unknown
      views.store().put_view(new_view(*active->view, true),
                             [this, &views, name, done](Result<store::ViewStore::Put> put) {
                               if (!put) return done(put.error());
                               FAILPOINT("view-rebuild-begun");
                               inside_->look_at_views();
                               read_one(views, name, done);
                             });
    });
  };
  inside_->on_views<ViewStatus>(*inside_->views[0], lane, std::move(done), rebuild);
}

void Engine::list_views(std::size_t lane, StatusDone done) {
  inside_->on_views<std::vector<ViewStatus>>(
      *inside_->views[0], lane, std::move(done),
      [](ViewThread& views, StatusDone done) { read_status(views, std::nullopt, std::move(done)); });
}

void Engine::view_status(std::size_t lane, std::string name, Done<ViewStatus> done) {
  inside_->on_views<ViewStatus>(
      *inside_->views[0], lane, std::move(done),
      [name](ViewThread& views, Done<ViewStatus> done) { read_one(views, name, std::move(done)); });
}

// Asked of the thread that folds the partition of `after`: it knows first.
void Engine::read_view(std::size_t lane, views::ViewQuery query, Done<views::FoundRows> done) {
  ViewThread& views =
      query.after ? inside_->views_of(query.after->partition) : *inside_->views[lane % inside_->views.size()];
  inside_->on_views<views::FoundRows>(
      views, lane, std::move(done),
      [query = std::move(query)](ViewThread& views, Done<views::FoundRows> done) {
        views.read(query, std::move(done));
      });
}

void Engine::skip_view_event(std::size_t lane, SkipEvent skip, Done<ViewStatus> done) {
  const auto act = [this, skip](ViewThread& views, Done<ViewStatus> done) {
    views.runner().refresh([this, &views, skip, done] {
      const auto stands = [&skip](const views::FoldedView* one) {
        return one && one->row.stop && one->row.stop->place == skip.position;
      };
      const auto& generations = views.runner().generations();
      const auto *active = generations.active(skip.view), *building = generations.building(skip.view);
      if (!active && !building) return done(not_found("there is no view named " + skip.view));
      const auto* stopped = stands(active) ? active : stands(building) ? building : nullptr;
      if (!stopped)
        return done(conflict("the view " + skip.view + " does not stand stopped before event " +
                             to_text(skip.position)));
      views.store().skip_event(stopped->row.number, skip.position, skip.by, skip.reason,
                               [this, &views, skip, done](Result<bool> skipped) {
                                 if (!skipped) return done(skipped.error());
                                 log::info("view {}: event {} is left out by {}: {}", skip.view,
                                           to_text(skip.position), skip.by, skip.reason);
                                 inside_->look_at_views();
                                 read_one(views, skip.view, done);
                               });
    });
  };
  inside_->on_views<ViewStatus>(*inside_->views[0], lane, std::move(done), act);
}

}  // namespace skald::runtime
