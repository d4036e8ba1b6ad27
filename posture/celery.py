"""The workers' and the scheduler's side of Celery. A message only rings; what there is to do stands in the database."""

import os

from celery import Celery

from posture.runtime import garbage, services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posture.settings")

garbage.seldom()
app = Celery("posture")
app.conf.update(
    broker_url=services.broker_url(),
    broker_connection_retry_on_startup=True,
    # Read by the Redis transport alone. Without the last two, a message lost with its worker comes back after 100 s.
    broker_transport_options=(
        {}
        if services.broker_url().startswith(("amqp", "pyamqp"))
        else {"visibility_timeout": 900, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
    ),
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    # A task is acknowledged when it is done: one that dies with its worker is rung again.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    enable_utc=True,
    timezone="UTC",
    beat_schedule={
        "tick": {"task": "posture.tasks.tick", "schedule": 10.0, "options": {"expires": 10}},
        "ring again": {"task": "posture.tasks.ring_again", "schedule": 20.0, "options": {"expires": 20}},
    },
)
app.set_default()  # for every thread of the web server too; alone, an app is current in one thread only
app.autodiscover_tasks(["posture"])
