"""Servers that are paid for finish what they have begun."""

from django.db import migrations, models
from django.db.models import Q


def finish_what_is_paid_for(apps, schema_editor):
    SpeechModel = apps.get_model("tts", "SpeechModel")
    paid = Q(price_per_million__gt=0) | Q(engine="openai", base_url="")
    SpeechModel.objects.filter(paid).update(finishes=True)


class Migration(migrations.Migration):
    dependencies = [("tts", "0015_heard_at")]

    operations = [
        migrations.AddField(
            model_name="speechmodel",
            name="finishes",
            field=models.BooleanField(
                "finishes what it has begun",
                default=False,
                help_text="A sound that nobody waits for any more is made to its end all the same: "
                "for a server that wants to be paid for all of it. Otherwise it is broken off.",
            ),
        ),
        migrations.AlterField(
            model_name="speechmodel",
            name="concurrency",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="How many sounds may be made at once over all workers; 0: no limit of "
                "its own.",
            ),
        ),
        migrations.RunPython(finish_what_is_paid_for, migrations.RunPython.noop),
    ]
