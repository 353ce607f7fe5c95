"""Why something cannot be done, and what would mend it: the rules of the trade in sentences.

The keys are the codes of `app.domain.errors.RuleError`; its details fill the gaps. A rule that is
not here is shown as the English sentence it carries.
"""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP

RULES = {
    "fund.limit": QT_TRANSLATE_NOOP(
        "phrases", "This version is not paid by itself any more. Pay it yourself."
    ),
    "subscription.unknown": QT_TRANSLATE_NOOP(
        "phrases", "There is no such subscription between us."
    ),
    "subscription.have": QT_TRANSLATE_NOOP(
        "phrases", "You have a subscription for this dataset already."
    ),
    "subscription.limit": QT_TRANSLATE_NOOP(
        "phrases", "The limit is less than one version costs. Raise it."
    ),
    "subscription.days": QT_TRANSLATE_NOOP(
        "phrases", "A subscription runs from one day to five years."
    ),
    "subscription.versions": QT_TRANSLATE_NOOP(
        "phrases", "From one to 1,000 versions can be agreed."
    ),
    "subscription.begins": QT_TRANSLATE_NOOP(
        "phrases", "A subscription does not begin earlier than asked."
    ),
    "subscription.other": QT_TRANSLATE_NOOP("phrases", "This is about another subscription."),
    "subscription.again": QT_TRANSLATE_NOOP(
        "phrases", "This was proposed before. Propose it with another price, number or period."
    ),
    "subscription.changed": QT_TRANSLATE_NOOP(
        "phrases", "The subscription changed while you were reading it. Read it again."
    ),
    "subscription.over": QT_TRANSLATE_NOOP("phrases", "This subscription has ended."),
    "subscription.not_now": QT_TRANSLATE_NOOP(
        "phrases", "There is nothing to answer in this subscription now."
    ),
    "subscription.expired": QT_TRANSLATE_NOOP(
        "phrases", "This proposal has expired. Propose the subscription again."
    ),
    "subscription.not_agreed": QT_TRANSLATE_NOOP("phrases", "This subscription is not agreed."),
    "subscription.lineage": QT_TRANSLATE_NOOP(
        "phrases", "This is no new version of what is subscribed to."
    ),
    "subscription.owner": QT_TRANSLATE_NOOP(
        "phrases", "This version is not the subscribed owner's."
    ),
    "subscription.withdrawn": QT_TRANSLATE_NOOP(
        "phrases", "This version is not on offer any more."
    ),
    "subscription.period": QT_TRANSLATE_NOOP(
        "phrases", "This version was not registered in the period of the subscription."
    ),
    "subscription.ordered": QT_TRANSLATE_NOOP("phrases", "This version is ordered already."),
    "subscription.number": QT_TRANSLATE_NOOP(
        "phrases", "All versions that were agreed are ordered already."
    ),
    "subscription.terms": QT_TRANSLATE_NOOP(
        "phrases", "The licence is not the one that was agreed in the subscription."
    ),
    "subscription.price": QT_TRANSLATE_NOOP(
        "phrases", "The price or a time is not the one that was agreed in the subscription."
    ),
    "order.changed": QT_TRANSLATE_NOOP(
        "phrases", "The order changed while you were reading it. Read it again."
    ),
    "confirm.done": QT_TRANSLATE_NOOP("phrases", "You have accepted this order already."),
    "confirm.not_now": QT_TRANSLATE_NOOP("phrases", "This order cannot be accepted now."),
    "confirm.scores": QT_TRANSLATE_NOOP(
        "phrases", "Give one to five for each of the six questions."
    ),
    "confirm.unchecked": QT_TRANSLATE_NOOP(
        "phrases", "The data has not been checked completely yet."
    ),
    "counter.signed": QT_TRANSLATE_NOOP(
        "phrases", "A signed offer is on the table until it expires: accept it or decline."
    ),
    "datasets.other_content": QT_TRANSLATE_NOOP(
        "phrases", "These are not the files that were registered. Choose the registered ones."
    ),
    "datasets.unknown": QT_TRANSLATE_NOOP("phrases", "This dataset is not one of yours."),
    "describe.long": QT_TRANSLATE_NOOP(
        "phrases", "This description is too long: at most {longest} characters fit."
    ),
    "catalogue.long": QT_TRANSLATE_NOOP(
        "phrases", "This file is longer than a description is. Choose another one."
    ),
    "catalogue.json": QT_TRANSLATE_NOOP(
        "phrases", "This file is not JSON. Descriptions as YAML or XML are not read."
    ),
    "catalogue.yaml": QT_TRANSLATE_NOOP(
        "phrases",
        "This contract is YAML, and Lading reads JSON. Convert it, for instance with"
        " “yq -o=json contract.yaml > contract.json”, and choose the new file.",
    ),
    "catalogue.expanded": QT_TRANSLATE_NOOP(
        "phrases",
        "This is expanded JSON-LD: its properties are whole addresses. Save it in the compact"
        " form, with a context of the prefixes dcat and dcterms, and choose that file.",
    ),
    "catalogue.kind": QT_TRANSLATE_NOOP(
        "phrases", "This is no description of a dataset in Croissant, DCAT or ODCS."
    ),
    "catalogue.empty": QT_TRANSLATE_NOOP(
        "phrases", "This description has neither a title nor a text."
    ),
    "describe.title": QT_TRANSLATE_NOOP("phrases", "Give the dataset a title."),
    "describe.what": QT_TRANSLATE_NOOP("phrases", "Say in a sentence or two what the data is."),
    "file.write": QT_TRANSLATE_NOOP(
        "phrases", "The file {path} could not be written. Choose another place."
    ),
    "fund.bond": QT_TRANSLATE_NOOP(
        "phrases", "The owner's bond is not in place yet. Try again in a moment."
    ),
    "fund.cancelled": QT_TRANSLATE_NOOP(
        "phrases", "The owner has cancelled all open offers. Ask for a new one."
    ),
    "fund.expired": QT_TRANSLATE_NOOP(
        "phrases", "The offer has expired. Ask the owner for a new one."
    ),
    "fund.fee": QT_TRANSLATE_NOOP(
        "phrases",
        "There is not enough {coin} for the recording fee: it can take up to {fee} {coin}, and your"
        " account has {have} {coin}. Have some sent to your address: it is in Money.",
    ),
    "fund.key": QT_TRANSLATE_NOOP(
        "phrases", "The owner has sold with this key before. Do not pay for it; decline."
    ),
    "fund.manifest": QT_TRANSLATE_NOOP(
        "phrases",
        "What the owner registered beside the fingerprint does not fit the list of files. Do not"
        " pay; decline.",
    ),
    "fund.mask": QT_TRANSLATE_NOOP(
        "phrases", "The offer is not for a secret of yours. Do not pay it; decline."
    ),
    "fund.money": QT_TRANSLATE_NOOP(
        "phrases", "There is not enough money for this payment. See Money."
    ),
    "fund.not_now": QT_TRANSLATE_NOOP(
        "phrases", "There is no signed offer to pay for in this order."
    ),
    "fund.other": QT_TRANSLATE_NOOP(
        "phrases", "The signed offer is not what was agreed. Do not pay it; decline."
    ),
    "fund.recovery": QT_TRANSLATE_NOOP(
        "phrases",
        "Before the first payment with real money, save your recovery sheet: open it here or in"
        " Settings, and type two of its words back.",
    ),
    "fund.registration": QT_TRANSLATE_NOOP(
        "phrases", "The dataset's registration is not final yet. Try again in a moment."
    ),
    "fund.running": QT_TRANSLATE_NOOP("phrases", "Your payment is being recorded already."),
    "fund.unchecked": QT_TRANSLATE_NOOP(
        "phrases",
        "The dataset's list of files could not be checked yet. The owner's computer has to be"
        " online once before you pay.",
    ),
    "identity.exists": QT_TRANSLATE_NOOP("phrases", "This profile has an identity already."),
    "identity.keystore": QT_TRANSLATE_NOOP(
        "phrases", "This is not an identity file of another wallet. Choose another file."
    ),
    "identity.name": QT_TRANSLATE_NOOP("phrases", "Choose a shorter name that is not empty."),
    "identity.needed": QT_TRANSLATE_NOOP("phrases", "Create an identity first: it takes a minute."),
    "identity.password": QT_TRANSLATE_NOOP("phrases", "Choose a longer password."),
    "identity.word": QT_TRANSLATE_NOOP(
        "phrases", "Word {position} is another one. Look at your recovery sheet again."
    ),
    "locked": QT_TRANSLATE_NOOP("phrases", "Lading is locked. Unlock it first."),
    "money.enough": QT_TRANSLATE_NOOP("phrases", "There is not that much."),
    "money.practice": QT_TRANSLATE_NOOP(
        "phrases", "There is practice money only on practice networks. Join one in Settings."
    ),
    "money.self": QT_TRANSLATE_NOOP("phrases", "This is your own address."),
    "money.zero": QT_TRANSLATE_NOOP("phrases", "The amount must be more than zero."),
    "network.bound": QT_TRANSLATE_NOOP(
        "phrases",
        "This profile has datasets or orders on another network. Open another profile for"
        " this network.",
    ),
    "note.long": QT_TRANSLATE_NOOP(
        "phrases", "This text is too long: 4,096 bytes fit, about 1,300 words."
    ),
    "offer.expires": QT_TRANSLATE_NOOP("phrases", "The offer would expire in the past."),
    "offer.expires_late": QT_TRANSLATE_NOOP("phrases", "An offer can stand for 90 days at most."),
    "offer.window": QT_TRANSLATE_NOOP(
        "phrases", "The time to check must be {least} seconds to 30 days."
    ),
    "order.not_negotiating": QT_TRANSLATE_NOOP(
        "phrases", "This order is not being negotiated any more."
    ),
    "order.not_now": QT_TRANSLATE_NOOP(
        "phrases", "This order has moved on; that is not possible any more."
    ),
    "order.title": QT_TRANSLATE_NOOP(
        "phrases", "The dataset now belongs to somebody else. Decline, and ask the new owner."
    ),
    "parcel.altered": QT_TRANSLATE_NOOP(
        "phrases",
        "“{name}” does not hold the data that was registered. Nothing of it was kept. Ask the"
        " owner for another parcel.",
    ),
    "parcel.damaged": QT_TRANSLATE_NOOP(
        "phrases", "“{name}” was damaged on the way. Copy it to this computer again."
    ),
    "parcel.ended": QT_TRANSLATE_NOOP(
        "phrases",
        "What worked on the parcel was ended, perhaps because memory is short. Nothing that was"
        " done is lost: do it again, and it goes on where it was.",
    ),
    "parcel.forged": QT_TRANSLATE_NOOP(
        "phrases",
        "The parcel did not hold what the owner sealed: it was changed on the way. Nothing was"
        " signed or paid. The data is fetched again; another parcel can be opened too.",
    ),
    "parcel.large": QT_TRANSLATE_NOOP(
        "phrases",
        "This disk takes no file so large. Save the parcel in parts of 4 GB, or to another disk.",
    ),
    "parcel.leave_not_now": QT_TRANSLATE_NOOP(
        "phrases",
        "A parcel can be left at a relay once the payment is final, and until the buyer has"
        " everything.",
    ),
    "parcel.newer": QT_TRANSLATE_NOOP(
        "phrases", "“{name}” was made by a newer Lading. Update this one first."
    ),
    "parcel.no_relay": QT_TRANSLATE_NOOP(
        "phrases",
        "None of your relays has room for this parcel now. Try again later, or add another relay in"
        " Settings.",
    ),
    "parcel.none": QT_TRANSLATE_NOOP(
        "phrases",
        "“{name}” is no parcel of a delivery. To sell data, register it in My datasets.",
    ),
    "parcel.not_now": QT_TRANSLATE_NOOP(
        "phrases",
        "Nothing is waited for in this order now: a parcel is opened after the payment is final,"
        " as long as not all parts are here.",
    ),
    "parcel.other": QT_TRANSLATE_NOOP(
        "phrases", "“{name}” belongs to another order than this one."
    ),
    "parcel.own": QT_TRANSLATE_NOOP(
        "phrases", "This parcel is for the buyer: only they can open it."
    ),
    "parcel.relay_failed": QT_TRANSLATE_NOOP(
        "phrases",
        "No relay took the whole parcel. {said} Leave it again later: it goes on where it stopped."
        " Or save it as a parcel, or add another relay in Settings.",
    ),
    "parcel.room": QT_TRANSLATE_NOOP(
        "phrases",
        "There is not enough room for the parcel in this folder. Choose another one, or make room.",
    ),
    "parcel.running": QT_TRANSLATE_NOOP(
        "phrases", "A parcel of this order is being worked on. Wait for it, or stop it."
    ),
    "parcel.save_not_now": QT_TRANSLATE_NOOP(
        "phrases",
        "A parcel can be saved once the payment is final, and until the buyer has everything.",
    ),
    "parcel.small": QT_TRANSLATE_NOOP("phrases", "Parts must be at least 2 MB large."),
    "parcel.spoiled": QT_TRANSLATE_NOOP(
        "phrases",
        "Damaged or cut short: {names}. Copy it to this computer again and open it again;"
        " everything else was kept.",
    ),
    "parcel.there": QT_TRANSLATE_NOOP(
        "phrases",
        "“{name}” is there already and belongs to something else. Choose another folder.",
    ),
    "parcel.unknown": QT_TRANSLATE_NOOP(
        "phrases",
        "“{name}” is for an order that is not on this computer. Open it with the identity that"
        " paid for it.",
    ),
    "parcel.unpaid": QT_TRANSLATE_NOOP(
        "phrases", "The payment is not seen in holding at the moment. Try again later."
    ),
    "price.currency": QT_TRANSLATE_NOOP("phrases", "This network does not use that currency."),
    "price.huge": QT_TRANSLATE_NOOP("phrases", "This price is larger than any currency can hold."),
    "price.zero": QT_TRANSLATE_NOOP("phrases", "The price must be more than zero."),
    "profile.in_use": QT_TRANSLATE_NOOP(
        "phrases", "This profile is already open in another window of Lading."
    ),
    "proof.incomplete": QT_TRANSLATE_NOOP(
        "phrases", "The proof cannot be put together: a part of it is not on this computer."
    ),
    "proof.none": QT_TRANSLATE_NOOP("phrases", "No record of this order was proven to be wrong."),
    "refund.not_now": QT_TRANSLATE_NOOP("phrases", "There is no payment in holding to give back."),
    "register.content": QT_TRANSLATE_NOOP(
        "phrases", "Choose the files first: they were not read yet."
    ),
    "register.parent": QT_TRANSLATE_NOOP(
        "phrases", "This dataset is not on the record (any more). Choose another one."
    ),
    "register.done": QT_TRANSLATE_NOOP("phrases", "This dataset is registered already."),
    "register.reading": QT_TRANSLATE_NOOP("phrases", "These files are being read already."),
    "report.empty": QT_TRANSLATE_NOOP("phrases", "Say what is wrong."),
    "challenge.none": QT_TRANSLATE_NOOP("phrases", "There are no two registrations to compare."),
    "networks.address": QT_TRANSLATE_NOOP(
        "phrases",
        "This is not the address of a network. It looks like https://host/path or"
        " http://host:port.",
    ),
    "networks.chains": QT_TRANSLATE_NOOP(
        "phrases", "These addresses are on different chains: give those of one network."
    ),
    "networks.known": QT_TRANSLATE_NOOP(
        "phrases", "This network is in the list already, as {name}."
    ),
    "networks.many": QT_TRANSLATE_NOOP("phrases", "{most} networks are enough: remove one first."),
    "networks.name": QT_TRANSLATE_NOOP(
        "phrases", "Give the network a name of at most 64 characters."
    ),
    "networks.none": QT_TRANSLATE_NOOP("phrases", "Join a network first."),
    "networks.own": QT_TRANSLATE_NOOP(
        "phrases", "This is the network you are on; it is always checked."
    ),
    "networks.registry": QT_TRANSLATE_NOOP(
        "phrases", "Lading's registry is not on that chain, so nothing was registered there."
    ),
    "networks.silent": QT_TRANSLATE_NOOP(
        "phrases",
        "The address does not answer as a network does. Check it, or try again later.",
    ),
    "relay.address": QT_TRANSLATE_NOOP(
        "phrases",
        "This is not the address of a relay. Paste it as the relay shows it, from the first / to"
        " the last letter.",
    ),
    "relay.known": QT_TRANSLATE_NOOP("phrases", "This relay is in the list already."),
    "relay.many": QT_TRANSLATE_NOOP("phrases", "{most} relays are enough: remove one first."),
    "private.labels": QT_TRANSLATE_NOOP("phrases", "At most 10 labels of 40 characters each fit."),
    "private.me": QT_TRANSLATE_NOOP("phrases", "You cannot block yourself."),
    "private.note": QT_TRANSLATE_NOOP("phrases", "This note is too long: 4,000 characters fit."),
    "want.columns": QT_TRANSLATE_NOOP("phrases", "At most 20 columns of 80 characters each fit."),
    "want.days": QT_TRANSLATE_NOOP("phrases", "A want stands from one day to a year."),
    "want.gone": QT_TRANSLATE_NOOP("phrases", "This is not on record any more."),
    "want.long": QT_TRANSLATE_NOOP("phrases", "This is too long for the record: shorten the text."),
    "want.not_mine": QT_TRANSLATE_NOOP(
        "phrases", "Answer with a dataset of yours that is on offer."
    ),
    "want.complete": QT_TRANSLATE_NOOP("phrases", "At most all of the cells can be filled in."),
    "want.title": QT_TRANSLATE_NOOP("phrases", "Say in a few words what you look for."),
    "request.own": QT_TRANSLATE_NOOP("phrases", "This dataset is your own."),
    "request.unreachable": QT_TRANSLATE_NOOP(
        "phrases", "The owner has not said yet how to be reached. Try again later."
    ),
    "request.withdrawn": QT_TRANSLATE_NOOP("phrases", "This dataset is not for sale any more."),
    "sample.limit": QT_TRANSLATE_NOOP("phrases", "A limit of samples is from 1 to {most}."),
    "sample.own": QT_TRANSLATE_NOOP("phrases", "This dataset is your own: look at its files."),
    "settings.at_once": QT_TRANSLATE_NOOP("phrases", "From 1 to 8 deliveries run at once."),
    "settings.hours": QT_TRANSLATE_NOOP("phrases", "Choose a time of the day."),
    "settings.limit": QT_TRANSLATE_NOOP("phrases", "A limit is from 0.1 to 10,000 MB/s."),
    "sign.alone": QT_TRANSLATE_NOOP(
        "phrases",
        "You have licensed this data to one buyer alone, and that licence still runs. Decline, or"
        " ask that buyer first.",
    ),
    "sign.not_alone": QT_TRANSLATE_NOOP(
        "phrases",
        "Somebody else has a licence or a signed offer for this data: it cannot be for one buyer"
        " alone. Answer with a counter-offer.",
    ),
    "sign.bond": QT_TRANSLATE_NOOP("phrases", "The bond cannot be less than nothing."),
    "sign.bond_money": QT_TRANSLATE_NOOP(
        "phrases", "There is not enough money for this bond. Lower it, or add money first."
    ),
    "sign.expired": QT_TRANSLATE_NOOP(
        "phrases", "This proposal has expired. Answer with a counter-offer."
    ),
    "sign.mask": QT_TRANSLATE_NOOP(
        "phrases", "The buyer's secret does not fit its commitment. Decline."
    ),
    "sign.not_now": QT_TRANSLATE_NOOP("phrases", "There is nothing to sign in this order now."),
    "terms.choice": QT_TRANSLATE_NOOP(
        "phrases", "These licence terms contain a choice Lading lacks."
    ),
    "terms.country": QT_TRANSLATE_NOOP("phrases", "Name the country the licence is for."),
    "terms.months": QT_TRANSLATE_NOOP("phrases", "The licence period must be 0 to 1,200 months."),
    "terms.unknown": QT_TRANSLATE_NOOP(
        "phrases", "These licence terms were not made by Lading's templates."
    ),
    "text.empty": QT_TRANSLATE_NOOP("phrases", "There is nothing to send yet."),
    "text.thread": QT_TRANSLATE_NOOP("phrases", "There is no such conversation."),
    "valuation.bounds": QT_TRANSLATE_NOOP("phrases", "A figure of the valuation is out of bounds."),
    "watch.code": QT_TRANSLATE_NOOP(
        "phrases",
        "This is not a watch code. The other device prints it with “lading node --watch --code”.",
    ),
    "watch.not_now": QT_TRANSLATE_NOOP(
        "phrases",
        "Another device can watch once everything has been delivered and signed for, and until the"
        " order has ended.",
    ),
}
