"""The names that users and outside tests rely on (C11): sagas with the fields of their inputs, views with their columns, the
key first."""

SAGAS = {
    "recruitment": {"recruitment": "applicantId name age skill job"},
    "course": {
        "course": "courseNo title courseInfo dueDate",
        "course-change": "courseNo title courseInfo dueDate",
        "professor-application": "courseNo professorNo professorNm phoneNumber age career professorSpec",
        "confirmation": "applicationId courseNo successFlag score",
    },
    "tutoring": {
        "sale": "sellerId title price",
        "purchase": "buyerId saleId amount",
        "room-reservation": "userId roomId from to amount",
    },
    "datecourse": {
        "schedule": "hostId title place open",
        "schedule-change": "scheduleId hostId title place open",
        "bookmark": "scheduleId guestId",
        "like": "scheduleId guestId",
        "review": "scheduleId guestId text stars",
    },
    "certificate": {
        "injection": "personId vcName status",
        "injection-change": "personId status",
        "certificate": "personId",
    },
}
VIEWS = {
    "recruitment": {"recruitment-my-page": "applicationId applicantId name age skill job qualification enrollmentId status reason"},
    "course": {
        "course-board": "courseNo title courseInfo dueDate status professorNo professorNm phoneNumber successFlag",
        "professor-my-page": "applicationId professorNo courseNo title status score",
    },
    "tutoring": {
        "buyer-purchases": "purchaseId buyerId saleId title amount status reason",
        "seller-sales": "saleId sellerId title price status reason sold income",
        "approval-queue": "requestId kind title requestedBy status reason",
    },
    "datecourse": {"schedule-page": "scheduleId title place status likes bookmarks reviews latestReviews"},
    "certificate": {"certificate-my-page": "applicationId personId vcName status certificateNo reason"},
}
