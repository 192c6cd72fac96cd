"""The story of recruitment: `./dev story recruitment`."""


def play(story):
    ann, bob = "ann-" + story.mark, "bob-" + story.mark

    story.chapter("A job seeker applies, is qualified, is enrolled")
    saga = story.start("Ann", "applies for the job welder.", "recruitment", applicantId=ann, name="Ann", age=30, skill="welding", job="welder")

    story.chapter("Nobody qualifies without a skill: refused, and the application is undone")
    story.start("Bob", "applies for it, without a skill.", "recruitment", 422, applicantId=bob, name="Bob", age=40, skill="none", job="welder")

    story.chapter("Ann changes her mind, after it all: undone in reverse order")
    story.cancel("Ann", "cancels.", saga)

    story.chapter("My pages")
    story.show("recruitment-my-page", applicantId=ann)
    story.show("recruitment-my-page", applicantId=bob)
