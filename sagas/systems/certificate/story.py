"""The story of the vaccination certificate: `./dev story certificate`."""


def play(story):
    ann, bob = "ann-" + story.mark, "bob-" + story.mark

    def apply(who, person, status=201):
        return story.start(who, "applies for a certificate.", "certificate", status, personId=person)

    story.chapter("Who is vaccinated applies, and gets the certificate")
    story.start("The administrator", "registers Ann's vaccination.", "injection", personId=ann, vcName="Comirnaty", status="INJECTED")
    issued = apply("Ann", ann)
    story.signal("The administrator", "issues it.", issued, "CertificateIssued", issuer="Dr. Kim")

    story.chapter("The vaccination is not complete: refused, and nothing stands")
    story.start("The administrator", "registers Bob's reservation.", "injection", personId=bob, vcName="Comirnaty", status="RESERVED")
    apply("Bob", bob, 422)

    story.chapter("Ann cancels: before the issue everything is undone, after it it is too late")
    second = apply("Ann", ann)
    story.cancel("Ann", "cancels her second application.", second)
    story.cancel("Ann", "cancels her first one.", issued, 409)

    story.chapter("My pages")
    story.show("certificate-my-page", personId=ann)
    story.show("certificate-my-page", personId=bob)
