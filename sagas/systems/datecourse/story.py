"""The story of the date-course community: `./dev story datecourse`."""


def play(story):
    gil, mia = "gil-" + story.mark, "mia-" + story.mark

    story.chapter("A host registers a date course; guests like, bookmark and review it")
    course = story.start("Hana", "registers a date course.", "schedule", hostId="hana", title="Han river by night", place="Seoul", open=True)
    like = story.start("Gil", "likes it.", "like", scheduleId=course, guestId=gil)
    story.start("Mia", "likes it.", "like", scheduleId=course, guestId=mia)
    bookmark = story.start("Gil", "bookmarks it, and gets a message.", "bookmark", scheduleId=course, guestId=gil)
    story.start("Gil", "reviews it.", "review", scheduleId=course, guestId=gil, text="lovely", stars=5)
    story.show("schedule-page", scheduleId=course)

    story.chapter("Twice the same like counts once: refused")
    story.start("Gil", "likes it once more.", "like", 422, scheduleId=course, guestId=gil)

    story.chapter("Gil takes his like back: undone")
    story.cancel("Gil", "takes the like back.", like)
    story.show("schedule-page", scheduleId=course)

    story.chapter("Hana deletes the course, which takes bookmarks and likes with it, and tells Gil")
    story.cancel("Hana", "deletes it.", course)
    print("\nGil's bookmark:")
    story.follow(bookmark, ("cancelled",))
    story.show("schedule-page", scheduleId=course)
