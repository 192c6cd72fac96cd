"""The story of the tutoring store: `./dev story tutoring`."""


def play(story):
    sam, ben = "sam-" + story.mark, "ben-" + story.mark

    def sell(seller, title):
        saga = story.start(seller, f"asks to sell {title}.", "sale", sellerId=seller, title=title, price=1000)
        story.signal("The administrator", "approves.", saga, "SaleDecided", approved=True, reason="fine")
        return saga

    def buy(sale, amount=1000):
        return story.start("Ben", f"buys it for {amount}.", "purchase", buyerId=ben, saleId=sale, amount=amount)

    story.chapter("A course is sold: approved, paid, remitted, opened")
    sale = sell(sam, "Violin")
    purchase = buy(sale)
    story.show("seller-sales", sellerId=sam)

    story.chapter("The payment is declined: the purchase is undone")
    buy(sale, 2_000_000)

    story.chapter("The seller's account takes no money: the payment is refunded")
    buy(sell("closed", "Cello"))

    story.chapter("A sale that the administrator rejects")
    rejected = story.start("Sam", "asks to sell Drums.", "sale", sellerId=sam, title="Drums", price=10)
    story.signal("The administrator", "rejects it.", rejected, "SaleDecided", approved=False, reason="not this year")

    story.chapter("Ben cancels: closed, taken back from the seller, refunded, in this order")
    story.cancel("Ben", "cancels his first purchase.", purchase)

    story.chapter("What Ben and Sam see")
    story.show("buyer-purchases", buyerId=ben)
    story.show("seller-sales", sellerId=sam)
