"""The story of course and professor assignment: `./dev story course`."""


def play(story):
    course, kim, lee = "C-" + story.mark, "kim-" + story.mark, "lee-" + story.mark

    def apply(professor, name):
        return story.start("Professor " + name, f"applies for {course}.", "professor-application", courseNo=course, professorNo=professor,
                           professorNm=name, phoneNumber="010-" + name, age=45, career=12, professorSpec="numbers")

    def confirm(application, status=201):
        return story.start("The evaluator", "confirms Kim." if status == 201 else "confirms Kim once more.", "confirmation", status,
                           applicationId=application, courseNo=course, successFlag=True, score=90)

    story.chapter("A course is registered, professors apply, one is confirmed")
    saga = story.start("The course manager", f"registers {course}.", "course", courseNo=course, title="Algebra", courseInfo="Groups and rings",
                       dueDate="2026-12-24")
    of_kim, of_lee = apply(kim, "Kim"), apply(lee, "Lee")
    confirmation = confirm(of_kim)
    print("\nKim's application:")
    story.follow(of_kim)

    story.chapter("Kim has the course already: refused, and the decision is taken back")
    confirm(of_kim, 422)

    story.chapter("Lee withdraws; Kim is confirmed, and cannot")
    story.cancel("Lee", "withdraws.", of_lee)
    story.cancel("Kim", "withdraws.", of_kim, 409)
    story.show("course-board", courseNo=course)
    story.show("professor-my-page", professorNo=kim)

    story.chapter("The course is cancelled, and takes Kim's application and the confirmation with it")
    story.cancel("The course manager", "cancels the course.", saga)
    print("\nKim's application:")
    story.follow(of_kim, ("cancelled",))
    print("\nits confirmation:")
    story.follow(confirmation, ("cancelled",))
    story.show("course-board", courseNo=course)
    story.show("professor-my-page", professorNo=kim)
    story.show("professor-my-page", professorNo=lee)
