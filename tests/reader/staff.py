"""What staff do in the admin."""

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from reader.models import User
from tts.models import AudioVariant, Status

VARIANTS = "admin:tts_audiovariant_changelist"


def staff_with(*codenames: str) -> Client:
    """Return somebody of the staff with these rights and no others."""
    user = User.objects.create_user("sam", password="s-long-password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, name: str, *arguments, **query) -> str:
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200
    return response.content.decode()


def act(client: Client, name: str, action: str, chosen, **data):
    """Carry out an action on some rows of a list and return the page after it."""
    data |= {"action": action, "_selected_action": [row.pk for row in chosen]}
    return client.post(reverse(name), data, follow=True)


def staff_sound_url(variant: AudioVariant) -> str:
    return reverse("admin:tts_audiovariant_sound", args=[variant.pk, variant.sound_revision])


def fail(variant: AudioVariant, error: str = "It was told to fail.") -> None:
    variant = AudioVariant.objects.get(pk=variant.pk)
    assert variant.move(Status.ERROR, error=error, file="", bytes=0)


def state_of(variant: AudioVariant) -> str:
    return AudioVariant.objects.get(pk=variant.pk).status
