"""What a person can do in the playground; each act sends the app what Slack would send.

    people = People(world, manifest, settings)
    ts = await people.post(ana, general, "the export times out again")
    await people.react(ben, general, ts, "bulb")
    answer = await people.command(ana, general, "/launch New importer")

Users, channels and views are given by id; a message by (channel, ts). Acts return when Slack
itself would have answered: events are delivered in the background (`await people.settled()`
waits for them), interactions return when the app has acknowledged or after its 3 seconds.
All raise PersonRefusedError when Slack would not offer the act to this person.
"""

from playground.server.modals import Modals
from playground.server.rooms import Rooms
from playground.server.talk import Talk


class People(Talk, Modals, Rooms):
    """The acts of all persons of one world: talking (`talk`), using the app (`interactions`,
    `modals`), coming and going (`rooms`)."""
