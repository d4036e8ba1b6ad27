"""Who may sign in, and what they are given; nobody can lock everybody out."""

import re

import pytest
from django.core import mail

from posture.actions import accounts
from posture.actions import people as actions
from posture.models import Account, AccountGroup, Person
from posture.runtime.mistakes import Mistake
from tests.web.builders import HOSTILE, a_person, account_in, an_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    person = an_admin()
    client.force_login(person)
    return person


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def invite(client, *groups, email="new@example.test", role="analyst", name="New"):
    form = {"email": email, "role": role, "name": name, "groups": [group.pk for group in groups]}
    return client.post("/people/invite/", form)


def shown_link(answer):
    return re.search(r"http://testserver(/account/password/reset/key/\S+?/)<", answer.content.decode())[1]


def choose_password(client, link, chosen="a long enough secret"):
    form = client.get(link, follow=True)
    return client.post(form.redirect_chain[-1][0], {"password1": chosen, "password2": chosen})


def test_the_list_says_who_may_do_what_and_see_what(client, admin):
    a_person("analyst", accounts.group("Payments"), name="Ada")
    a_person("viewer", name="Grace")

    page = words(client.get("/people/"))

    assert "3 may sign in, 1 admin among them" in page
    assert "Ada" in page
    assert "Payments" in page
    assert "none: sees no account" in page


def test_an_invited_person_chooses_a_password_and_signs_in(client, admin):
    answer = invite(client, accounts.group("Payments"))
    client.logout()

    choose_password(client, shown_link(answer))

    person = Person.objects.get(email="new@example.test")
    assert (person.role, [group.name for group in person.account_groups.all()]) == ("analyst", ["Payments"])
    assert client.login(email="new@example.test", password="a long enough secret")


def test_the_link_works_once(client, admin):
    link = shown_link(invite(client))
    client.logout()
    choose_password(client, link)
    client.logout()

    assert "expired" in words(client.get(link, follow=True))


def test_the_link_is_shown_once_and_stored_nowhere(client, admin):
    link = shown_link(invite(client))

    person = Person.objects.get(email="new@example.test")
    assert link not in client.get(f"/people/{person.pk}/").content.decode()
    assert not any(link in str(value) for value in client.session.values())


def test_with_a_mail_server_the_link_goes_by_letter_only(client, admin, settings):
    settings.EMAIL_HOST = "mail.example.test"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    answer = invite(client)

    assert answer.status_code == 302
    assert mail.outbox[0].to == ["new@example.test"]
    assert "/account/password/reset/key/" in mail.outbox[0].body


def test_nobody_is_invited_twice(client, admin):
    invite(client)

    assert "is here already" in words(invite(client, email="NEW@example.test"))
    assert Person.objects.filter(email="new@example.test").count() == 1


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"role": "owner"}, {"email": ""}])
def test_a_wrong_invitation_invites_nobody(client, admin, wrong):
    assert invite(client, **wrong).status_code == 200
    assert Person.objects.count() == 1


def test_a_new_link_replaces_a_forgotten_password(client, admin):
    person = a_person("viewer")

    link = shown_link(client.post(f"/people/{person.pk}/link/"))
    client.logout()
    choose_password(client, link, "another long secret")

    assert client.login(email=person.email, password="another long secret")


def test_role_and_groups_can_be_changed(client, admin):
    person, group = a_person("viewer"), accounts.group("Payments")

    client.post(f"/people/{person.pk}/", {"name": "Ada", "role": "analyst", "groups": [group.pk]})

    person.refresh_from_db()
    assert (person.name, person.role, list(person.account_groups.all())) == ("Ada", "analyst", [group])


def test_the_last_admin_stays_admin(client, admin):
    page = client.post(f"/people/{admin.pk}/", {"name": "", "role": "viewer"})

    admin.refresh_from_db()
    assert "is the last admin" in words(page)
    assert admin.role == "admin"


def test_the_last_admin_stays_active(client, admin):
    page = client.post(f"/people/{admin.pk}/deactivate/", follow=True)

    admin.refresh_from_db()
    assert "is the last admin" in words(page)
    assert admin.is_active


def test_a_deactivated_admin_does_not_count_as_one(admin):
    actions.deactivate(person=an_admin())

    with pytest.raises(Mistake, match="last admin"):
        actions.deactivate(person=admin)


def test_one_of_two_admins_may_go(client, admin):
    other = an_admin()

    client.post(f"/people/{other.pk}/", {"name": "", "role": "viewer"})

    other.refresh_from_db()
    assert (other.role, other.is_superuser) == ("viewer", False)


def test_a_deactivated_person_is_out_at_once_and_can_come_back(client, admin):
    person = a_person("viewer")
    theirs = type(client)()
    theirs.force_login(person)

    client.post(f"/people/{person.pk}/deactivate/")
    out = theirs.get("/you/").status_code
    client.post(f"/people/{person.pk}/reactivate/")

    assert (out, theirs.get("/you/").status_code) == (302, 200)


@pytest.mark.parametrize("role", ["viewer", "analyst"])
@pytest.mark.parametrize("address", ["/people/", "/people/invite/", "/people/groups/new/"])
def test_people_are_for_admins(client, role, address):
    client.force_login(a_person(role))

    assert client.get(address).status_code == 404


def test_everybody_has_a_page_of_their_own(client):
    person = a_person("viewer", accounts.group("Payments"))
    client.force_login(person)

    client.post("/you/", {"name": "Ada", "role": "admin", "email": "other@example.test"})
    page = words(client.get("/you/"))

    person.refresh_from_db()
    assert (person.name, person.role) == ("Ada", "viewer")
    assert "The accounts of Payments" in page
    assert "Change password" in page


def test_a_group_is_made_named_and_filled(client, admin):
    account, person = account_in("All accounts"), a_person("viewer")

    client.post("/people/groups/new/", {"name": "Shop"})
    group = AccountGroup.objects.get(name="Shop")
    client.post(f"/people/groups/{group.pk}/", {"name": "The shop", "people": [person.pk], "accounts": [account.pk]})

    group.refresh_from_db()
    account.refresh_from_db()
    assert (group.name, account.group, list(group.people.all())) == ("The shop", group, [person])
    client.force_login(person)
    assert client.get(f"/accounts/{account.pk}/").status_code == 200


def test_two_groups_cannot_have_one_name(client, admin):
    accounts.group("Shop")

    assert "There is a group “Shop” already" in words(client.post("/people/groups/new/", {"name": "Shop"}))


def test_hostile_names_stay_text(client, admin):
    person = a_person("viewer", accounts.group(HOSTILE), name=HOSTILE)
    addresses = [
        "/people/",
        f"/people/{person.pk}/",
        "/people/invite/",
        f"/people/groups/{AccountGroup.objects.get().pk}/",
    ]

    assert all(HOSTILE not in client.get(address).content.decode() for address in addresses)
    assert not Account.objects.exists()


def test_many_people_cost_no_more_queries_than_one(client, admin, django_assert_max_num_queries):
    for _ in range(6):
        a_person("viewer", accounts.group("Shop"))

    with django_assert_max_num_queries(10):
        client.get("/people/")
